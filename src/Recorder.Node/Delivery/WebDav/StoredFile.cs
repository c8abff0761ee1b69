using System.Collections.Immutable;
using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace Recorder.Node.Delivery.WebDav;

/// <summary>What a WebDAV server tells of one of its files or folders.</summary>
/// <param name="Name">The last part of the address, without escapes; empty where nobody listed a folder.</param>
/// <param name="Length">The length in bytes; null where the server does not tell.</param>
/// <param name="IsFolder">Whether it is a folder.</param>
/// <param name="Sums">The sums that the server tells, such as <c>SHA1:0beec7…</c>.</param>
internal sealed record StoredFile(string Name, long? Length, bool IsFolder, ImmutableList<string> Sums)
{
    /// <summary>What asks for all that is read here.</summary>
    public const string Question =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><d:propfind xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\">"
        + "<d:prop><d:getcontentlength/><d:resourcetype/><oc:checksums/></d:prop></d:propfind>";

    /// <summary>The longest answer that is read, in characters: some ten thousand chunks.</summary>
    private const int Longest = 32 << 20;

    private static readonly XNamespace Dav = "DAV:";
    private static readonly XNamespace OwnCloud = "http://owncloud.org/ns";

    /// <summary>Reads an answer to <see cref="Question"/>.</summary>
    /// <param name="body">The answer.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="XmlException">The answer is no XML, or is too long.</exception>
    public static async Task<ImmutableList<StoredFile>> ReadAsync(Stream body, CancellationToken cancellation)
    {
        using var reader = XmlReader.Create(
            body,
            new XmlReaderSettings
            {
                Async = true,
                DtdProcessing = DtdProcessing.Prohibit,
                XmlResolver = null,
                MaxCharactersInDocument = Longest,
            }
        );
        var document = await XDocument.LoadAsync(reader, LoadOptions.None, cancellation);
        return [.. document.Descendants(Dav + "response").Select(Of)];
    }

    private static StoredFile Of(XElement response)
    {
        var name = response.Element(Dav + "href")?.Value.TrimEnd('/') ?? "";
        var length = response.Descendants(Dav + "getcontentlength").FirstOrDefault()?.Value;
        return new StoredFile(
            Uri.UnescapeDataString(name[(name.LastIndexOf('/') + 1)..]),
            long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null,
            response.Descendants(Dav + "collection").Any(),
            [
                .. response
                    .Descendants(OwnCloud + "checksum")
                    .SelectMany(sums => sums.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)),
            ]
        );
    }
}
