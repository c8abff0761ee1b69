using System.Globalization;

namespace Recorder.Cluster.Tests.Journal;

/// <summary>A PostgreSQL server of a test class's own, gone afterwards.</summary>
public sealed class TestPostgres : IAsyncLifetime
{
    private PrivatePostgres? _server;

    /// <summary>The server's port on 127.0.0.1.</summary>
    public int Port => _server!.Port;

    public async Task InitializeAsync() => _server = await PrivatePostgres.StartAsync();

    public async Task DisposeAsync() => await _server!.DisposeAsync();

    /// <summary>The connection string by a port: the server's own, or a proxy's.</summary>
    public static string ConnectionBy(int port, string user = PrivatePostgres.User, string database = "postgres") =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"Host=127.0.0.1;Port={port};Username={user};Database={database};Timeout=15;Command Timeout=5"
        );
}
