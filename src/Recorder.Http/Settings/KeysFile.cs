using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Recorder.Cluster.Settings;

namespace Recorder.Http.Settings;

/// <summary>
/// The file of <see cref="HttpOptions.KeysFile"/>: a JSON array of keys, each with the properties of
/// <see cref="ApiKeyOptions"/>. Durations are written with their unit.
/// </summary>
public static class KeysFile
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNameCaseInsensitive = true,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        PreferredObjectCreationHandling = JsonObjectCreationHandling.Populate,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(allowIntegerValues: false), new DurationConverter() },
    };

    /// <summary>Reads the keys of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="problems">Gets a sentence for each mistake. No sentence shows a key.</param>
    /// <returns>The keys as they are written; none where there is a mistake.</returns>
    public static IReadOnlyList<ApiKeyOptions> Read(string file, ICollection<string> problems)
    {
        ArgumentNullException.ThrowIfNull(problems);
        try
        {
            var mode = File.GetUnixFileMode(file);
            if ((mode & (UnixFileMode.OtherWrite | UnixFileMode.GroupWrite)) != 0)
            {
                problems.Add(
                    $"Other users can write the keys file {file}, and could give themselves a key; take that right away with chmod go-w {file}."
                );
                return [];
            }
            var keys = JsonSerializer.Deserialize<List<ApiKeyOptions?>>(File.ReadAllText(file), Form) ?? [];
            if (keys.Contains(null))
            {
                problems.Add($"The keys file {file} has an entry that is null; take the entry out.");
                return [];
            }
            if (IsReadByOthers(mode) && keys.Exists(key => !string.IsNullOrEmpty(key!.Key)))
            {
                problems.Add(
                    $"Every user of this machine can read the keys in {file}; take that right away with chmod o-r {file}, or give the keys as Sha256."
                );
                return [];
            }
            return keys!;
        }
        catch (JsonException error)
        {
            // The sentence of the parser may show a part of the file, which may be a part of a key.
            problems.Add(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"The keys file {file} is no list of keys: the mistake is in line {(error.LineNumber ?? 0) + 1}, at {PlaceOf(error)}. The file is written like [ {{ \"Name\": \"who\", \"Sha256\": \"…\", \"Scope\": \"Record\" }} ]."
                )
            );
            return [];
        }
        catch (Exception error)
            when (error is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            problems.Add($"The keys file {file} cannot be read: {error.Message}");
            return [];
        }
    }

    /// <summary>Writes keys as a file has them.</summary>
    /// <param name="keys">The keys.</param>
    public static string Write(IEnumerable<ApiKeyOptions> keys) => JsonSerializer.Serialize(keys, Form);

    /// <summary>The SHA-256 of a key as <see cref="ApiKeyOptions.Sha256"/> has it.</summary>
    /// <param name="key">The key.</param>
    public static string Sha256Of(string key) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    /// <summary>Whether every user of this machine can read a file. False for a file that cannot be asked
    /// about.</summary>
    /// <param name="file">The file.</param>
    public static bool IsReadByOthers(string file)
    {
        try
        {
            return IsReadByOthers(File.GetUnixFileMode(file));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The first moment at which a key is no longer good.</summary>
    /// <param name="notAfter">A date, whose whole day in UTC still counts, or a time; a time without an offset is
    /// UTC.</param>
    /// <returns>The moment; null when the text is neither.</returns>
    public static DateTimeOffset? EndOf(string notAfter)
    {
        var invariant = CultureInfo.InvariantCulture;
        if (DateOnly.TryParseExact(notAfter, "yyyy-MM-dd", invariant, DateTimeStyles.None, out var day))
        {
            return day == DateOnly.MaxValue
                ? null
                : new DateTimeOffset(day.AddDays(1), TimeOnly.MinValue, TimeSpan.Zero);
        }
        return DateTimeOffset.TryParse(
            notAfter,
            invariant,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces,
            out var time
        )
            ? time
            : null;
    }

    private static bool IsReadByOthers(UnixFileMode mode) => mode.HasFlag(UnixFileMode.OtherRead);

    private static string PlaceOf(JsonException error) =>
        string.IsNullOrEmpty(error.Path) || error.Path == "$" ? "its outermost part" : error.Path;

    private sealed class DurationConverter : JsonConverter<TimeSpan>
    {
        public override TimeSpan Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && Duration.TryParse(reader.GetString()!, out var duration)
                ? duration
                : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, TimeSpan value, JsonSerializerOptions options) =>
            writer.WriteStringValue(Duration.Format(value));
    }
}
