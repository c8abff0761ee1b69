using System.Net;
using System.Net.Sockets;
using Recorder.Worker.Network;

namespace Recorder.Cluster.Network;

/// <summary>Resolves hosts, and lets through the addresses that the policy allows. A connection is made to an address
/// that came from here, and the name is not resolved again.</summary>
/// <param name="policy">Which addresses may be reached.</param>
/// <param name="resolver">Resolves names.</param>
public sealed class AddressGate(NetworkPolicy policy, IHostResolver resolver)
{
    /// <summary>The policy.</summary>
    public NetworkPolicy Policy => policy;

    /// <summary>Why a host may not be reached; null when the host may be reached, or cannot be resolved within the
    /// limit. A connection is looked at again when it is made.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="limit">How long the resolver may take.</param>
    public Task<string?> WhyRefusedAsync(string host, int port, TimeSpan limit) =>
        AskAsync(() => policy.WhyRefused(host, port), host, found => policy.WhyRefused(host, port, found), limit);

    /// <summary>Why an address may not be called with data of the node, as for the other form.</summary>
    /// <param name="address">An absolute address.</param>
    /// <param name="limit">How long the resolver may take.</param>
    public Task<string?> WhyRefusedAsync(Uri address, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(address);
        return AskAsync(
            () => policy.WhyRefused(address),
            address.DnsSafeHost,
            found => policy.WhyRefused(address, found),
            limit
        );
    }

    /// <summary>The addresses of a host that may be reached, the best first.</summary>
    /// <param name="host">A name or an address.</param>
    /// <param name="port">The port.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="RefusedAddressException">The policy refuses every address.</exception>
    /// <exception cref="SocketException">The name has no address.</exception>
    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, int port, CancellationToken cancellation) =>
        AllowedAsync(
            () => policy.WhyRefused(host, port),
            host,
            found => policy.WhyRefused(host, port, found),
            cancellation
        );

    /// <summary>The addresses that may be called with data of the node, as for the other form.</summary>
    /// <param name="address">An absolute address.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public Task<IReadOnlyList<IPAddress>> ResolveAsync(Uri address, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(address);
        return AllowedAsync(
            () => policy.WhyRefused(address),
            address.DnsSafeHost,
            found => policy.WhyRefused(address, found),
            cancellation
        );
    }

    private async Task<string?> AskAsync(
        Func<string?> ofName,
        string host,
        Func<IPAddress, string?> ofAddress,
        TimeSpan limit
    )
    {
        using var ended = new CancellationTokenSource(limit);
        try
        {
            await AllowedAsync(ofName, host, ofAddress, ended.Token);
            return null;
        }
        catch (RefusedAddressException refused)
        {
            return refused.Message;
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException or ArgumentException)
        {
            return null;
        }
    }

    private async Task<IReadOnlyList<IPAddress>> AllowedAsync(
        Func<string?> ofName,
        string host,
        Func<IPAddress, string?> ofAddress,
        CancellationToken cancellation
    )
    {
        var refused = ofName();
        if (refused is not null)
        {
            throw new RefusedAddressException(refused);
        }
        var found = IPAddress.TryParse(host.Trim('[', ']').TrimEnd('.'), out var literal)
            ? [literal]
            : await resolver.ResolveAsync(host, cancellation);
        List<IPAddress> allowed = [];
        foreach (var address in found)
        {
            if (ofAddress(address) is { } why)
            {
                refused ??= why;
            }
            else
            {
                allowed.Add(address);
            }
        }
        return allowed.Count > 0
            ? allowed
            : throw new RefusedAddressException(refused ?? $"The host {host} has no address.");
    }
}

/// <summary>An address that the policy refuses.</summary>
/// <param name="message">The reason, as a sentence.</param>
public sealed class RefusedAddressException(string message) : IOException(message);
