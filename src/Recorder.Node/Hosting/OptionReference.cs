using System.Text;
using System.Text.Json;

namespace Recorder.Node.Hosting;

/// <summary>
/// The documented configuration file as the program carries it: each option's key, default and comment. The comments are
/// written once, in <c>appsettings.json</c>; the command line's help shows them.
/// </summary>
internal static class OptionReference
{
    /// <summary>One option as the file documents it.</summary>
    /// <param name="Key">Its key below <c>Recorder</c>.</param>
    /// <param name="Value">Its value in the file, which is its default.</param>
    /// <param name="Comment">What the file says about it, as one line.</param>
    public sealed record Entry(string Key, string Value, string Comment);

    /// <summary>The file's entries in its order.</summary>
    public static IReadOnlyList<Entry> Read()
    {
        using var file = typeof(OptionReference).Assembly.GetManifestResourceStream("appsettings.json")
            ?? throw new InvalidOperationException("appsettings.json is not embedded in the assembly.");
        using var bytes = new MemoryStream();
        file.CopyTo(bytes);
        return Parse(bytes.ToArray());
    }

    private static List<Entry> Parse(byte[] json)
    {
        var entries = new List<Entry>();
        var path = new Stack<string>();
        var comment = new StringBuilder();
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Allow, AllowTrailingCommas = true });
        var name = "";
        while (reader.Read())
        {
            switch (reader.TokenType)
            {
                case JsonTokenType.Comment:
                    comment.Append(comment.Length == 0 ? "" : " ").Append(reader.GetComment().Trim());
                    break;
                case JsonTokenType.PropertyName:
                    name = reader.GetString()!;
                    break;
                case JsonTokenType.StartObject:
                    path.Push(name);
                    comment.Clear();
                    break;
                case JsonTokenType.EndObject:
                    path.Pop();
                    comment.Clear();
                    break;
                case JsonTokenType.StartArray:
                    Add("");
                    reader.Skip();
                    break;
                default:
                    Add(Encoding.UTF8.GetString(reader.ValueSpan));
                    break;
            }
        }

        return entries;

        void Add(string value)
        {
            // The two outermost levels are the file itself and the section Recorder.
            var key = string.Join(':', path.Reverse().Skip(2).Append(name));
            entries.Add(new Entry(key, value, comment.ToString()));
            comment.Clear();
        }
    }
}
