using System.Globalization;

namespace Recorder.EndToEnd.Tests.Docker;

/// <summary>A process in a container, as the host sees it.</summary>
/// <param name="Id">Its number on the host.</param>
/// <param name="Uid">Its user's number.</param>
/// <param name="IsZombie">Whether it has ended and nobody has collected it.</param>
/// <param name="Capabilities">What it may do of root's rights.</param>
/// <param name="CommandLine">Its arguments, parted by spaces.</param>
internal sealed record ContainerProcess(int Id, uint Uid, bool IsZombie, ulong Capabilities, string CommandLine)
{
    /// <summary>Whether the process runs as a user of one session: the ranges of Media:Users that a node takes by
    /// itself.</summary>
    public bool IsOfOneSession => Uid is (>= 1_900_000_000 and <= 1_900_000_999) or (>= 50_000 and <= 50_999);
}

/// <summary>A container of the image. At the end the container is gone, with its volumes.</summary>
internal sealed class RunningContainer : IAsyncDisposable
{
    private static readonly TimeSpan ReadyLimit = TimeSpan.FromSeconds(60);

    /// <summary>Tests share their processors with builds and with each other.</summary>
    private static readonly string[] OnThisMachine =
    [
        "--env",
        "RECORDER_CAPACITY_CPU_CLOSED_ABOVE=100",
        "--env",
        "RECORDER_PLACEMENT_SESSIONS=3",
        "--env",
        "RECORDER_MEDIA_REHEARSE=false",
        // The pages of the tests are on this machine.
        "--env",
        "RECORDER_NETWORK_ALLOW=127.0.0.0/8, 10.0.0.0/8",
    ];

    private RunningContainer(string name, Uri address, string? key)
    {
        Name = name;
        Api = new RecorderApi(address, key);
    }

    public string Name { get; }

    public RecorderApi Api { get; }

    /// <summary>Starts a container with these options, on ports that nobody else has, and waits for nothing.</summary>
    public static async Task<RunningContainer> StartAsync(IReadOnlyList<string> options)
    {
        var http = LoopbackPort.Free();
        string[] ports =
        [
            "--network=host",
            "-e",
            Variable("RECORDER_HTTP_PORT", http),
            "-e",
            Variable("RECORDER_PORT", LoopbackPort.Free()),
        ];
        return await StartAsync(
            new Uri($"http://127.0.0.1:{http.ToString(CultureInfo.InvariantCulture)}"),
            null,
            [.. ports, .. options]
        );
    }

    /// <summary>Starts a container with these options, and waits for nothing.</summary>
    /// <param name="address">Where the container's API is to be.</param>
    /// <param name="key">The key of the API.</param>
    /// <param name="options">The options of <c>podman run</c>.</param>
    public static async Task<RunningContainer> StartAsync(Uri address, string? key, IReadOnlyList<string> options)
    {
        var container = new RunningContainer($"recorder-test-{Guid.NewGuid():N}", address, key);
        try
        {
            await Podman.OutputOfAsync([
                "run",
                "--detach",
                "--name",
                container.Name,
                .. OnThisMachine,
                .. options,
                "edumeet-recorder",
            ]);
            return container;
        }
        catch
        {
            await container.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes over a container that has been started by this name.</summary>
    public static RunningContainer Of(string name, Uri address) => new(name, address, null);

    /// <summary>Waits until the node in it is ready.</summary>
    public async Task SeeReadyAsync()
    {
        var log = "";
        await Eventually.BeAsync(
            $"the node of {Name} is ready",
            ReadyLimit,
            async () =>
            {
                if (await Api.IsReadyAsync())
                {
                    return true;
                }
                log = await LogAsync();
                return (await Podman.OutputOfAsync("inspect", "--format", "{{.State.Running}}", Name)) == "true"
                    ? false
                    : throw new InvalidOperationException($"The container ended before its node was ready: {log}");
            },
            () => log
        );
    }

    /// <summary>Waits until the container has ended by itself.</summary>
    /// <returns>The container's exit code and log.</returns>
    public async Task<(int Code, string Log)> SeeEndAsync()
    {
        var code = await Podman.OutputOfAsync("wait", Name);
        return (int.Parse(code, CultureInfo.InvariantCulture), await LogAsync());
    }

    /// <summary>What the node has said.</summary>
    public async Task<string> LogAsync()
    {
        var run = await Podman.RunAsync("logs", Name);
        return run.Output + run.Errors;
    }

    /// <summary>Every process in the container, as the host sees them.</summary>
    public async Task<IReadOnlyList<ContainerProcess>> ProcessesAsync()
    {
        var first = await Podman.OutputOfAsync("inspect", "--format", "{{.State.Pid}}", Name);
        var space = NamespaceOf(first);
        return
        [
            .. from folder in Directory.EnumerateDirectories("/proc")
            let id = Path.GetFileName(folder)
            where id.All(char.IsAsciiDigit) && IsIn(id, space)
            let process = Read(id)
            where process is not null
            select process,
        ];
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Podman.RunAsync("rm", "--force", "--volumes", "--time", "0", Name);
    }

    private static string Variable(string name, int value) =>
        string.Create(CultureInfo.InvariantCulture, $"{name}={value}");

    private static string? NamespaceOf(string process) => new FileInfo($"/proc/{process}/ns/pid").LinkTarget;

    // Chromium's sandboxed processes are in a namespace below the container's; their ancestors are in it.
    private static bool IsIn(string process, string? space)
    {
        for (var id = process; id is not ("0" or ""); id = ParentOf(id))
        {
            try
            {
                if (NamespaceOf(id) == space)
                {
                    return true;
                }
            }
            catch (IOException)
            {
                return false;
            }
        }

        return false;
    }

    private static string ParentOf(string process) => Field(process, "PPid:") ?? "";

    private static string? Field(string process, string name)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status")
                .FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))
                ?[name.Length..].Trim();
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static ContainerProcess? Read(string process)
    {
        var uid = Field(process, "Uid:");
        var state = Field(process, "State:");
        var capabilities = Field(process, "CapEff:");
        if (uid is null || state is null || capabilities is null)
        {
            return null;
        }
        try
        {
            return new ContainerProcess(
                int.Parse(process, CultureInfo.InvariantCulture),
                uint.Parse(uid.Split('\t')[1], CultureInfo.InvariantCulture),
                state.StartsWith('Z'),
                ulong.Parse(capabilities, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                File.ReadAllText($"/proc/{process}/cmdline").Replace('\0', ' ')
            );
        }
        catch (IOException)
        {
            return null;
        }
    }
}
