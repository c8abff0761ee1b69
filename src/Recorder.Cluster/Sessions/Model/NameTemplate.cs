using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Recorder.Cluster.Sessions.Model;

/// <summary>What a template of names may tell of a record.</summary>
/// <param name="Session">The session's id.</param>
/// <param name="Number">The record's number within the session, from 1.</param>
/// <param name="Record">The record's file name, without a folder.</param>
/// <param name="Page">The host of the recorded page; null for a session without a page.</param>
/// <param name="Title">The session's own name; null without one.</param>
/// <param name="Labels">The session's labels.</param>
public sealed record NameFacts(
    SessionId Session,
    int Number,
    string Record,
    string? Page,
    string? Title,
    ImmutableDictionary<string, string> Labels
);

/// <summary>
/// Names of records at a destination, by a template such as <c>{labels.room}/{date}_{time}.{ext}</c>. A name is a
/// relative path with slashes. No value can leave the folder, add a folder, or bring a character that file systems
/// refuse. Two records of a farm never get the same name: a template that does not end with <c>{record}</c> or
/// <c>{session}-{n}</c> gets the two ids at its end. Pure.
/// </summary>
public static partial class NameTemplate
{
    /// <summary>The longest template, in characters.</summary>
    public const int Longest = 500;

    /// <summary>The longest name, in bytes of UTF-8: what S3 takes, less the room for a manifest's ending.</summary>
    public const int LongestName = 1000;

    /// <summary>The longest part between two slashes, in bytes of UTF-8: what file systems take, less the room for the
    /// endings of manifests and of files that are still being written.</summary>
    public const int LongestPart = 200;

    /// <summary>The template of the record's own name.</summary>
    public const string Own = "{record}.{ext}";

    private const string LabelPrefix = "labels.";
    private const string Refused = "\\*?\"<>|:/";

    private static readonly ImmutableArray<string> Placeholders =
    [
        "record",
        "session",
        "n",
        "date",
        "time",
        "name",
        "page.host",
        "ext",
    ];

    private static readonly ImmutableHashSet<string> DeviceNames =
    [
        "CON",
        "PRN",
        "AUX",
        "NUL",
        .. Enumerable.Range(0, 10).SelectMany(n => new[] { $"COM{n}", $"LPT{n}" }),
    ];

    /// <summary>What is wrong with a template, as the end of a sentence; null when nothing is wrong.</summary>
    /// <param name="template">The template.</param>
    public static string? Problem(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        if (template.Length > Longest)
        {
            return $"has {template.Length} characters; a template has at most {Longest}.";
        }
        if (template.Any(char.IsControl))
        {
            return "holds a control character; a template is one line of text.";
        }
        if (template.StartsWith('/') || template.Split('/').Any(part => part is "." or ".."))
        {
            return "leads out of the destination's folder; write a relative path without \".\" and \"..\".";
        }
        string? problem = null;
        var parts = 0;
        Walk(
            template,
            text => parts += text.Count(character => character is not ('/' or '.' or ' ')),
            name =>
            {
                parts++;
                problem ??= IsKnown(name)
                    ? null
                    : $"holds {{{Shown(name)}}}, which is no placeholder; there are {{labels.KEY}} and {string.Join(", ", Placeholders.Select(known => $"{{{known}}}"))}.";
            },
            () => problem ??= "holds a brace without its partner; placeholders stand in braces, as in {date}."
        );
        return problem ?? (parts == 0 ? "is empty." : null);
    }

    /// <summary>The name of a record.</summary>
    /// <param name="template">A template without a <see cref="Problem"/>.</param>
    /// <param name="facts">The record.</param>
    /// <param name="keepsColons">Whether the destination takes colons; otherwise a colon becomes a hyphen.</param>
    public static string Of(string template, NameFacts facts, bool keepsColons)
    {
        ArgumentNullException.ThrowIfNull(template);
        ArgumentNullException.ThrowIfNull(facts);
        var unique = Unique().Match(template);
        var ids = unique.Groups["ids"] is { Success: true } found ? found.Value : "-{session}-{n}";
        var ending = $"{Filled(ids, facts)}.{Extension(facts.Record)}";
        var before = unique.Success
            ? template[..unique.Groups["ids"].Index]
            : ExtensionAtEnd().Replace(template, "").TrimEnd('/', ' ', '.');

        var parts = Filled(before, facts).Split('/');
        var folders = parts[..^1].Select(Trimmed).Where(part => part.Length > 0).Select(Safe).ToList();
        folders = folders.ConvertAll(part => Shortened(part, LongestPart));
        var last = Shortened(parts[^1].TrimStart(' ', '.'), LongestPart - Encoding.UTF8.GetByteCount(ending));

        // Folders are left out at the front of a name that is too long, since its end keeps records apart.
        while (
            folders.Count > 0 && folders.Sum(part => Encoding.UTF8.GetByteCount(part) + 1) > LongestName - LongestPart
        )
        {
            folders.RemoveAt(0);
        }
        if (last.Length > 0 && last.Length < parts[^1].TrimStart(' ', '.').Length)
        {
            last += "-";
        }
        var name = string.Join('/', [.. folders, last.Length > 0 ? last + ending : ending.TrimStart('-')]);
        return keepsColons ? name : name.Replace(':', '-');
    }

    /// <summary>What keeps two records of a farm apart, at the end of a template. No digit stands in front of a
    /// session's id, so that the id can be read out of the name again.</summary>
    [GeneratedRegex(
        @"(\A|(?<=[^0-9}]))(?<ids>\{session\}[-_./]\{n\})(\.\{ext\})?\z|(?<ids>\{record\})(\.\{ext\})?\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Unique();

    [GeneratedRegex(@"\.\{ext\}\z", RegexOptions.CultureInvariant)]
    private static partial Regex ExtensionAtEnd();

    private static string Filled(string template, NameFacts facts)
    {
        var filled = new StringBuilder();
        Walk(
            template,
            text => filled.Append(Clean(text, slashes: true)),
            placeholder => filled.Append(Clean(Value(placeholder, facts), slashes: false)),
            () => { }
        );
        return filled.ToString().Normalize(NormalizationForm.FormC);
    }

    private static string Value(string placeholder, NameFacts facts)
    {
        var invariant = CultureInfo.InvariantCulture;
        return placeholder switch
        {
            "record" => Path.GetFileNameWithoutExtension(facts.Record),
            "session" => facts.Session.Value.ToString(invariant),
            "n" => facts.Number.ToString(invariant),
            "date" => Part(facts.Record, 0, 10),
            "time" => Part(facts.Record, 11, 8).Replace(':', '-'),
            "name" => facts.Title ?? "",
            "page.host" => facts.Page ?? "",
            "ext" => Extension(facts.Record),
            _ => facts.Labels.GetValueOrDefault(placeholder[LabelPrefix.Length..], ""),
        };
    }

    // Values without a text would make empty parts, and two of them would look like one.
    private static string Clean(string text, bool slashes)
    {
        if (text.Length == 0)
        {
            return slashes ? "" : "_";
        }
        var clean = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var kept = rune.IsAscii
                ? rune.Value == ':'
                    || (slashes && rune.Value == '/')
                    || !(Refused.Contains((char)rune.Value) || Rune.IsControl(rune))
                : Rune.GetUnicodeCategory(rune)
                    is not (
                        UnicodeCategory.Control
                        or UnicodeCategory.Format
                        or UnicodeCategory.LineSeparator
                        or UnicodeCategory.ParagraphSeparator
                        or UnicodeCategory.Surrogate
                        or UnicodeCategory.PrivateUse
                        or UnicodeCategory.OtherNotAssigned
                    )
                    && rune != Rune.ReplacementChar;
            clean.Append(kept ? rune.ToString() : "_");
        }
        return clean.ToString();
    }

    /// <summary>A part without spaces and points at its ends. Windows drops them, and "." and ".." are no
    /// names.</summary>
    private static string Trimmed(string part) => part.Trim(' ', '.');

    private static string Safe(string part) =>
        DeviceNames.Contains(part.Split('.')[0].TrimEnd().ToUpperInvariant()) ? "_" + part : part;

    private static string Shortened(string part, int most)
    {
        var bytes = 0;
        var kept = new StringBuilder();
        foreach (var rune in part.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > most)
            {
                return kept.ToString().TrimEnd(' ', '.');
            }
            kept.Append(rune.ToString());
        }
        return part;
    }

    private static string Extension(string record) => Path.GetExtension(record).TrimStart('.');

    private static string Part(string record, int from, int length) =>
        record.Length >= from + length ? record.Substring(from, length) : "";

    private static bool IsKnown(string name) =>
        Placeholders.Contains(name)
        || (
            name.StartsWith(LabelPrefix, StringComparison.Ordinal)
            && name.Length > LabelPrefix.Length
            && name[LabelPrefix.Length..]
                .All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.')
        );

    private static string Shown(string name) => name.Length > 40 ? name[..40] + "…" : name;

    private static void Walk(string template, Action<string> text, Action<string> placeholder, Action unbalanced)
    {
        var at = 0;
        while (at < template.Length)
        {
            var brace = template.IndexOfAny(['{', '}'], at);
            if (brace < 0)
            {
                text(template[at..]);
                return;
            }
            if (brace > at)
            {
                text(template[at..brace]);
            }
            var end = template[brace] == '{' ? template.IndexOfAny(['{', '}'], brace + 1) : -1;
            if (end < 0 || template[end] == '{')
            {
                unbalanced();
                return;
            }
            placeholder(template[(brace + 1)..end]);
            at = end + 1;
        }
    }
}
