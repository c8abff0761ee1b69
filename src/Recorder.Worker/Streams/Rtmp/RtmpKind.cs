using System.Collections.Immutable;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams.Rtmp;

/// <summary>RTMP and RTMPS: publishes to a server, under an application and a stream's key.</summary>
internal sealed class RtmpKind : StreamKind
{
    /// <inheritdoc/>
    public override string Name => "rtmp";

    /// <inheritdoc/>
    public override ImmutableArray<string> Schemes { get; } = ["rtmp", "rtmps"];

    /// <inheritdoc/>
    public override string Expected => "an absolute rtmp or rtmps address, such as rtmp://host/application/stream";

    /// <inheritdoc/>
    public override string? WhyNot(string address)
    {
        var server = RtmpAddress.ServerStart(address);
        var pathStart = address.IndexOf('/', server);
        if (
            pathStart < 0
            || address.AsSpan(pathStart).IndexOfAny('[', ']') >= 0
            || address.AsSpan(server, pathStart - server).Contains('?')
        )
        {
            return $"has no application and stream after its host; it must be {Expected}.";
        }

        if (
            !Uri.TryCreate(address[..pathStart], UriKind.Absolute, out var parsed)
            || parsed.Host.Length == 0
            || parsed.Port == 0
        )
        {
            return $"has no valid host or port; it must be {Expected}.";
        }

        var query = address.IndexOf('?', pathStart);
        var segments = address[(pathStart + 1)..(query < 0 ? address.Length : query)].Split('/');
        return segments.Length >= 2 && segments[0].Length > 0 && segments[^1].Length > 0
            ? null
            : $"names no application or no stream; it must be {Expected}.";
    }

    /// <summary>The address without user, key and query, such as <c>rtmp://host:1935/app/…</c>.</summary>
    public override string Redact(string address)
    {
        var server = RtmpAddress.ServerStart(address);
        var scheme = address[..server];
        var rest = address[server..];
        var pathStart = rest.AsSpan().IndexOfAny("/?#");
        var authority = pathStart < 0 ? rest : rest[..pathStart];
        var host = authority[(authority.LastIndexOf('@') + 1)..];
        if (pathStart < 0 || rest[pathStart] != '/')
        {
            return $"{scheme}{host}/…";
        }

        var path = rest[(pathStart + 1)..];
        var end = path.AsSpan().IndexOfAny("/?#");

        // The part directly after the host may be the key itself.
        return end > 0 && path[end] == '/' ? $"{scheme}{host}/{path[..end]}/…" : $"{scheme}{host}/…";
    }

    /// <summary>Scheme and host compare without case, and a missing port stands for the default port.</summary>
    public override string Identity(string address)
    {
        if (!Uri.TryCreate(address, UriKind.Absolute, out var parsed))
        {
            return address;
        }

        var path = address.IndexOf('/', RtmpAddress.ServerStart(address));
        var port = parsed.Port > 0 ? parsed.Port : RtmpAddress.DefaultPort(parsed.Scheme);
        return FormattableString.Invariant(
            $"{parsed.Scheme}://{parsed.IdnHost}:{port}{(path < 0 ? "" : address[path..])}"
        );
    }

    /// <inheritdoc/>
    public override (string Host, int Port)? PeerOf(string address)
    {
        Uri server = new(address[..address.IndexOf('/', RtmpAddress.ServerStart(address))], UriKind.Absolute);
        return (server.IdnHost, server.Port > 0 ? server.Port : RtmpAddress.DefaultPort(server.Scheme));
    }

    /// <inheritdoc/>
    internal override IDisposable Prepare(StreamSettings settings) =>
        new Hooks(
            new UnacknowledgedLimit(),
            OwnAuthorities.Of(settings.Authorities),
            AllowedServers.Of(settings.Policy)
        );

    /// <inheritdoc/>
    internal override IStreamConnection Connect(WorkerTarget target, StreamSettings settings, TimeProvider time)
    {
        var address = RtmpAddress.Of(target);
        _ = PeerCheck.Resolve(settings.Policy, address.Host, address.Port);
        return new RtmpConnection(address, time);
    }

    private sealed record Hooks(UnacknowledgedLimit Limit, OwnAuthorities? Authorities, AllowedServers? Servers)
        : IDisposable
    {
        public void Dispose()
        {
            Limit.Dispose();
            Authorities?.Dispose();
            Servers?.Dispose();
        }
    }
}
