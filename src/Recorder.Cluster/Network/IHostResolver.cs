using System.Net;

namespace Recorder.Cluster.Network;

/// <summary>Resolves the names of hosts.</summary>
public interface IHostResolver
{
    /// <summary>The addresses of a name, the best first.</summary>
    /// <param name="host">The name.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="System.Net.Sockets.SocketException">The name has no address, or nobody answers.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation);
}

/// <summary>Asks the system's resolver.</summary>
public sealed class SystemResolver : IHostResolver
{
    /// <summary>The resolver, which has no state.</summary>
    public static SystemResolver Instance { get; } = new();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
        // The system's resolver holds a thread until the name servers answer, also when nobody waits any more. A page
        // that names many slow hosts must not take the threads that the whole node shares.
        await Task
            .Factory.StartNew(
                () => Dns.GetHostAddresses(host),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            )
            .WaitAsync(cancellation);
}
