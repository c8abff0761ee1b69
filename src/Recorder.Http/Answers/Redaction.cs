using System.Text.RegularExpressions;

using Recorder.Cluster.Sessions.Model;
using Recorder.Worker.Streams.Targets;

namespace Recorder.Http.Answers;

/// <summary>Keeps names and passwords that stand in addresses out of answers and logs.</summary>
internal static partial class Redaction
{
    /// <summary>The text with the user part of every address in it replaced, and of every stream address its key.</summary>
    public static string Of(string text) => UserInfo().Replace(StreamAddress.Replace(text, found => new StreamTarget(found.Value).Redacted), "$1***@");

    /// <summary>An address without its user part.</summary>
    public static string Of(Uri address) => address.UserInfo.Length == 0 ? address.OriginalString : Of(address.OriginalString);

    /// <summary>An address without its user part, query and fragment, in which meetings have their tokens.</summary>
    public static string PlaceOf(Uri address) => address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>A message with the addresses in it made harmless: <see cref="Of(string)"/>, and those of pages without query and fragment.</summary>
    public static string OfMessage(string text) => PageQuery().Replace(Of(text), "$1");

    /// <summary>What a log may say about an address: the path and query of a meeting are often all it takes to enter it.</summary>
    public static string OriginOf(Uri address) => $"{address.Scheme}://{address.Authority}";

    /// <summary>Text of a caller as it may stand in a line of a log or in a sentence: no control characters, and a bound.</summary>
    public static string Line(string text, int limit) =>
        string.Create(Math.Min(text.Length, limit), text, (line, source) =>
        {
            for (var i = 0; i < line.Length; i++)
                line[i] = char.IsControl(source[i]) || char.IsSurrogate(source[i]) ? '?' : source[i];
        });

    // What is redacted already ends in an ellipsis, which stands in no address.
    private static readonly Regex StreamAddress = new(
        $@"(?:{string.Join('|', StreamKinds.All.SelectMany(kind => kind.Schemes).Select(Regex.Escape))})://[^\s""<>\u2026]+(?![^\s]*\u2026)",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant | RegexOptions.Compiled);

    [GeneratedRegex(@"(\bhttps?://[^\s""<>?#]*)[?#][^\s""<>]*", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PageQuery();

    // Not of a node's address, akka.tcp://recorder@host:port, whose user part is the name of the actor system.
    [GeneratedRegex(@"(?<![a-z0-9+.\-])(?!akka\.)([a-z][a-z0-9+.\-]*:[/\\]{2})[^/\\?#\s""]*@", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();
}
