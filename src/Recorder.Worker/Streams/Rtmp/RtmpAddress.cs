using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>
/// The parts of a stream target's address, as <c>rtmp2sink</c> takes them one by one. Given the whole address,
/// rtmp2sink would cut at the last slash, even at a slash in the query.
/// </summary>
/// <param name="Secure">Whether the connection is encrypted (<c>rtmps</c>).</param>
/// <param name="Host">Name or address of the server, an IPv6 address without brackets.</param>
/// <param name="Port">The server's port; by default 1935, or 443 with <paramref name="Secure"/>.</param>
/// <param name="Application">The part between the host and the last slash of the path, verbatim.</param>
/// <param name="Stream">The part after the last slash of the path, query included, verbatim: the stream's key.</param>
/// <param name="User">The user's name, or null.</param>
/// <param name="Password">The user's password, or null.</param>
internal sealed record RtmpAddress(
    bool Secure,
    string Host,
    int Port,
    string Application,
    string Stream,
    string? User,
    string? Password
)
{
    private const int RtmpPort = 1935;
    private const int RtmpsPort = 443;

    /// <summary>The position at which the server's name begins in an address.</summary>
    public static int ServerStart(string address) => address.IndexOf("://", StringComparison.Ordinal) + "://".Length;

    /// <summary>The default port: 1935 (Adobe's RTMP specification 1.0), or 443 for <c>rtmps</c>. .NET knows
    /// neither.</summary>
    public static int DefaultPort(string scheme) => scheme == "rtmps" ? RtmpsPort : RtmpPort;

    /// <summary>Splits an address that the edge has accepted.</summary>
    /// <exception cref="UriFormatException">The address has not the form of an RTMP address.</exception>
    public static RtmpAddress Of(WorkerTarget target)
    {
        var text = target.Address;
        var server = ServerStart(text);
        var path = text.IndexOf('/', server);
        var query = text.IndexOf('?', path < 0 ? server : path);
        var stream = path < 0 ? -1 : text.LastIndexOf('/', query < 0 ? text.Length - 1 : query);
        if (path < 0 || stream <= path)
        {
            throw new UriFormatException($"{target.Shown} names no application or no stream.");
        }

        Uri authority = new(text[..path], UriKind.Absolute);
        var secure = authority.Scheme == "rtmps";
        var user = authority.UserInfo.Split(':', 2);
        return new RtmpAddress(
            secure,
            authority.IdnHost,
            authority.Port > 0 ? authority.Port : DefaultPort(authority.Scheme),
            text[(path + 1)..stream],
            text[(stream + 1)..],
            user[0].Length == 0 ? null : Uri.UnescapeDataString(user[0]),
            user.Length < 2 ? null : Uri.UnescapeDataString(user[1])
        );
    }

    /// <summary>A server's words without the stream's key and the password, if the server repeats them.</summary>
    public string Redact(string words) => SecretWords.Hide(words, Stream, Stream.Split('?')[0], Password);

    /// <inheritdoc/>
    public override string ToString() => $"{(Secure ? "rtmps" : "rtmp")}://{Host}:{Port}/…";
}
