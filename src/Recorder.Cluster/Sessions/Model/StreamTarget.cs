namespace Recorder.Cluster.Sessions.Model;

/// <summary>
/// An RTMP server and stream to publish to. The address holds the stream's key, so it is never shown whole: <see cref="ToString"/> is
/// <see cref="Redacted"/>.
/// </summary>
/// <param name="Address">
/// The absolute <c>rtmp</c> or <c>rtmps</c> address, checked at the edge and verbatim from there on: only characters that RFC 3986 allows, no
/// fragment, an application and a stream in its path.
/// </param>
public sealed record StreamTarget(string Address)
{
    /// <summary>The address without user, key and query, such as <c>rtmp://host:1935/app/…</c>.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Redacted
    {
        get
        {
            var afterScheme = Address.IndexOf("://", StringComparison.Ordinal);
            if (afterScheme < 0) return "…";
            var scheme = Address[..(afterScheme + 3)];
            var rest = Address[(afterScheme + 3)..];
            var pathStart = rest.AsSpan().IndexOfAny("/?#");
            var authority = pathStart < 0 ? rest : rest[..pathStart];
            var host = authority[(authority.LastIndexOf('@') + 1)..];
            if (pathStart < 0 || rest[pathStart] != '/') return $"{scheme}{host}/…";
            var path = rest[(pathStart + 1)..];
            var end = path.AsSpan().IndexOfAny("/?#");

            // What follows the host alone may be the key itself.
            return end > 0 && path[end] == '/' ? $"{scheme}{host}/{path[..end]}/…" : $"{scheme}{host}/…";
        }
    }

    /// <summary>Whether two targets are one stream on one server: scheme and host compare without case, and a missing port is the default one.</summary>
    public bool IsSameAs(StreamTarget other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Uri.TryCreate(Address, UriKind.Absolute, out var one) && Uri.TryCreate(other.Address, UriKind.Absolute, out var two)
            ? Server(one) == Server(two) && AfterServer(Address) == AfterServer(other.Address)
            : Address == other.Address;
    }

    /// <inheritdoc/>
    public override string ToString() => Redacted;

    // RTMP has port 1935 (Adobe's RTMP specification 1.0), RTMPS 443; Uri knows neither.
    private static (string Scheme, string Host, int Port) Server(Uri address) =>
        (address.Scheme, address.IdnHost, address.Port > 0 ? address.Port : address.Scheme == "rtmps" ? 443 : 1935);

    private static string AfterServer(string address)
    {
        var rest = address[(address.IndexOf("://", StringComparison.Ordinal) + 3)..];
        var path = rest.IndexOf('/', StringComparison.Ordinal);
        return path < 0 ? "" : rest[path..];
    }
}

/// <summary>A stream target with the id of its output, which is never given to another target of the session.</summary>
/// <param name="Id"><c>target-1</c>, <c>target-2</c>, …</param>
/// <param name="Target">The target.</param>
public sealed record StreamOutput(string Id, StreamTarget Target);
