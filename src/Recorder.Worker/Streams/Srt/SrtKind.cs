using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Streams.Srt;

/// <summary>SRT: MPEG-TS to a receiver, or to viewers that connect to the node.</summary>
internal sealed partial class SrtKind : StreamKind
{
    /// <summary>The form of an address, with examples.</summary>
    public const string Example =
        "an absolute srt address, such as srt://host:port?streamid=name or srt://0.0.0.0:port?mode=listener";

    /// <inheritdoc/>
    public override string Name => "srt";

    /// <inheritdoc/>
    public override ImmutableArray<string> Schemes { get; } = ["srt"];

    /// <inheritdoc/>
    public override string Expected => Example;

    /// <inheritdoc/>
    public override string? WhyNot(string address) =>
        SrtAddress.TryParse(address, out _, out var reason) ? null : reason;

    /// <summary>Host, port and the parameters that are not secret: <c>srt://host:9000?mode=caller&amp;…</c>. A stream's
    /// name is hidden, because the name is often its key.</summary>
    public override string Redact(string address)
    {
        var rest = address[SrtAddress.Scheme.Length..];
        var end = rest.AsSpan().IndexOfAny("/?#");
        var authority = end < 0 ? rest : rest[..end];
        var shown = address[..SrtAddress.Scheme.Length] + authority[(authority.LastIndexOf('@') + 1)..];
        var query = rest.IndexOf('?', StringComparison.Ordinal);
        var parameters = query < 0 ? [] : rest[(query + 1)..].Split('&');
        string[] open = [.. parameters.Where(parameter => Open().IsMatch(parameter))];
        var hidden =
            open.Length < parameters.Length
            || (end >= 0 && rest[end] != '?' && rest.AsSpan(end) is not "/" && !rest.AsSpan(end).StartsWith("/?"));
        var told = string.Join('&', hidden ? open.Append("…") : open);
        return told.Length == 0 ? shown : $"{shown}?{told}";
    }

    /// <summary>Port and name of the stream, and for a caller the host. A port is bound once, and a receiver tells
    /// streams apart by their names.</summary>
    public override string Identity(string address) =>
        SrtAddress.TryParse(address, out var parts, out _)
            ? FormattableString.Invariant($"{(parts.Listens ? "" : parts.Host)}:{parts.Port}?{parts.StreamId}")
            : address;

    /// <inheritdoc/>
    public override (string Host, int Port)? PeerOf(string address) =>
        SrtAddress.TryParse(address, out var parts, out _) && parts is { Listens: false, Host: { } host }
            ? (host, parts.Port)
            : null;

    /// <inheritdoc/>
    internal override IStreamConnection Connect(WorkerTarget target, StreamSettings settings, TimeProvider time) =>
        SrtAddress.TryParse(target.Address, out var address, out var reason)
            ? new SrtConnection(Checked(address, settings), settings.ListenAddress, time)
            : throw new UriFormatException($"{target.Shown} {reason}");

    /// <summary>The address with the server's resolved address in place of its name, so that the name is resolved
    /// once.</summary>
    private static SrtAddress Checked(SrtAddress address, StreamSettings settings)
    {
        if (address.Listens || settings.Policy is null)
        {
            return address;
        }

        // The library resolves a name by itself, and nobody would look at what it finds.
        return PeerCheck.Resolve(settings.Policy, address.Host!, address.Port) is { } server
            ? address with
            {
                Host = server.ToString(),
            }
            : throw new PeerRefusedException($"{address.Host} cannot be resolved.");
    }

    [GeneratedRegex(
        @"\A(?:mode=(?:caller|listener)|latency=[0-9]{1,5}|pbkeylen=[0-9]{1,2})\z",
        RegexOptions.CultureInvariant
    )]
    private static partial Regex Open();
}
