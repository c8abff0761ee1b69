using System.Globalization;
using Amazon.S3;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>OpenStack Swift with its s3api: four processes with one replica of everything.</summary>
public sealed class SwiftServer : IStore
{
    private readonly string _root = Directory.CreateTempSubdirectory("recorder-swift-").FullName;
    private readonly List<PeerProcess> _processes = [];
    private string _refusal = "";

    public int Port { get; } = LoopbackPort.Free();

    public bool ChecksSignatures => true;

    public string User => "test:tester";

    public string Secret => "testing";

    private string Etc => Path.Join(_root, "etc");

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(Etc);
        Directory.CreateDirectory(Path.Join(_root, "devices", "d1"));
        await WriteAsync(
            "swift.conf",
            "[swift-hash]\nswift_hash_path_suffix = a\nswift_hash_path_prefix = b\n[storage-policy:0]\nname = one\ndefault = yes\n"
        );
        await Task.WhenAll(new[] { "account", "container", "object" }.Select(StartPartAsync));
        await WriteAsync(
            "proxy-server.conf",
            $"""
            {Common(Port)}
            [pipeline:main]
            pipeline = catch_errors cache s3api tempauth slo dlo proxy-server
            [app:proxy-server]
            use = egg:swift#proxy
            account_autocreate = true
            conn_timeout = 20
            node_timeout = 40
            recoverable_node_timeout = 40
            error_suppression_limit = 1000
            [filter:tempauth]
            use = egg:swift#tempauth
            user_test_tester = {Secret} .admin
            [filter:s3api]
            use = egg:swift#s3api
            [filter:catch_errors]
            use = egg:swift#catch_errors
            [filter:cache]
            use = egg:swift#memcache
            memcache_servers = 127.0.0.1:1
            [filter:slo]
            use = egg:swift#slo
            [filter:dlo]
            use = egg:swift#dlo

            """
        );
        _processes.Add(await PeerProcess.StartAsync(Port, "swift-proxy-server", Path.Join(Etc, "proxy-server.conf")));
        using var client = ((IStore)this).Client();
        await Eventually.BeAsync("Swift makes a bucket", TimeSpan.FromSeconds(60), async () =>
        {
            try
            {
                await client.PutBucketAsync(IStore.Bucket);
                return true;
            }
            catch (AmazonS3Exception error)
            {
                _refusal = error.Message;
                return false;
            }
        }, () => $"{_refusal} {string.Join('\n', _processes.Select(process => process.Log))}");
    }

    public Task DisposeAsync()
    {
        foreach (var process in _processes)
        {
            process.Dispose();
        }
        Directory.Delete(_root, recursive: true);
        return Task.CompletedTask;
    }

    private async Task StartPartAsync(string kind)
    {
        var port = LoopbackPort.Free();
        var builder = Path.Join(Etc, $"{kind}.builder");
        await ToolRun.OutputOfAsync("swift-ring-builder", builder, "create", "4", "1", "0");
        await ToolRun.OutputOfAsync(
            "swift-ring-builder",
            builder,
            "add",
            string.Create(CultureInfo.InvariantCulture, $"r1z1-127.0.0.1:{port}/d1"),
            "1"
        );
        await ToolRun.OutputOfAsync("swift-ring-builder", builder, "rebalance");
        await WriteAsync(
            $"{kind}-server.conf",
            $"""
            {Common(port)}
            devices = {_root}/devices
            mount_check = false
            fallocate_reserve = 0
            [pipeline:main]
            pipeline = {kind}-server
            [app:{kind}-server]
            use = egg:swift#{kind}

            """
        );
        var process = await PeerProcess.StartAsync(port, $"swift-{kind}-server", Path.Join(Etc, $"{kind}-server.conf"));
        lock (_processes)
        {
            _processes.Add(process);
        }
    }

    private string Common(int port) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"[DEFAULT]\nbind_ip = 127.0.0.1\nbind_port = {port}\nswift_dir = {Etc}\nuser = {Environment.UserName}\nworkers = 0"
        );

    private Task WriteAsync(string name, string text) => File.WriteAllTextAsync(Path.Join(Etc, name), text);
}
