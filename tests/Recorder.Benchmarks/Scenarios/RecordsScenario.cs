using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Recorder.Benchmarks.Processes;
using Recorder.Harness;
using Recorder.Harness.Nodes;
using Recorder.ReferencePages;

namespace Recorder.Benchmarks.Scenarios;

/// <summary>One download.</summary>
/// <param name="Rate">Bytes a second, as curl tells.</param>
/// <param name="EdgeCpu">Processor time of the node that answered, in s.</param>
/// <param name="HolderCpu">Processor time of the node that holds the record, in s.</param>
/// <param name="EdgeGrowth">By how many bytes the resident memory of the node that answered was higher meanwhile.</param>
/// <param name="HolderGrowth">The same of the node that holds the record.</param>
internal sealed record Download(double Rate, double EdgeCpu, double HolderCpu, double EdgeGrowth, double HolderGrowth);

/// <summary>The downloads in one way.</summary>
internal sealed record DownloadWay(string Name, IReadOnlyList<Download> Rounds)
{
    /// <summary>The median, in bytes a second.</summary>
    public double Rate => Rounds.Select(round => round.Rate).Order().ElementAt(Rounds.Count / 2);
}

/// <summary>What was measured of downloads.</summary>
/// <param name="Nginx">A server of files that uses <c>sendfile</c>.</param>
/// <param name="Own">The node that holds the record.</param>
/// <param name="Foreign">Another node.</param>
/// <param name="Wrong">How many checked answers were not the record.</param>
internal sealed record RecordsReport(DownloadWay Nginx, DownloadWay Own, DownloadWay Foreign, int Wrong)
{
    /// <summary>All ways.</summary>
    public IEnumerable<DownloadWay> Ways => [Nginx, Own, Foreign];
}

/// <summary>
/// Two nodes with a PostgreSQL, a record on the first, and an nginx that serves the same file. curl fetches the file,
/// which is in the page cache, in all ways in turn.
/// </summary>
/// <param name="bytes">The size of the record.</param>
/// <param name="rounds">How often each way is measured.</param>
/// <param name="secret">Whether the nodes encrypt what they say to each other.</param>
internal sealed class RecordsScenario(long bytes, int rounds, bool secret)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Sample = TimeSpan.FromMilliseconds(50);

    /// <summary>Runs the scenario.</summary>
    public async Task<RecordsReport> RunAsync(CancellationToken cancellation)
    {
        var farm = await RecorderFarm.PrepareAsync(
            ["recorder, edge", "recorder, edge"],
            sessions: 4,
            secret: secret
        );
        await using var farmEnd = farm;
        await farm.StartAsync();
        var id = await RecordAsync(farm);
        var session = await farm.Nodes[0].Api.SessionAsync(id);
        var (holder, edge) = (farm.NodeOf(session), farm.Other(farm.NodeOf(session)));
        var file = Path.Join(holder.RecordsFolder, Path.GetFileName(session.Records[0].Path));
        var hash = await FillAsync(file, cancellation);

        var port = LoopbackPort.Free();
        var folder = Directory.CreateTempSubdirectory("recorder-nginx-");
        using var nginx = await ServeAsync(folder.FullName, Path.GetDirectoryName(file)!, port);
        try
        {
            var served = string.Create(
                CultureInfo.InvariantCulture,
                $"http://127.0.0.1:{port}/{Uri.EscapeDataString(Path.GetFileName(file))}"
            );
            var path = string.Create(CultureInfo.InvariantCulture, $"/api/records/{id}-1/media");
            var (own, foreign) = (new Uri(holder.Address, path), new Uri(edge.Address, path));
            var wrong = 0;
            foreach (var address in new[] { own, foreign })
            {
                wrong += await HashOfAsync(address, cancellation) == hash ? 0 : 1;
            }
            var all = new List<(Download Nginx, Download Own, Download Foreign)>();
            for (var round = 0; round < rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                all.Add(
                    (
                        await FetchAsync(served, holder, holder),
                        await FetchAsync(own.AbsoluteUri, holder, holder),
                        await FetchAsync(foreign.AbsoluteUri, edge, holder)
                    )
                );
            }
            return new RecordsReport(
                new DownloadWay("nginx, the same file", [.. all.Select(round => round.Nginx)]),
                new DownloadWay("the node that holds the record", [.. all.Select(round => round.Own)]),
                new DownloadWay(
                    $"another node, {(secret ? "" : "not ")}encrypted between the nodes",
                    [.. all.Select(round => round.Foreign)]
                ),
                wrong
            );
        }
        finally
        {
            nginx.Kill();
            await nginx.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A short session that receives RTP.</summary>
    private static async Task<int> RecordAsync(RecorderFarm farm)
    {
        var api = farm.Nodes[0].Api;
        var answer = await api.SendAsync(
            HttpMethod.Post,
            "/api/start",
            """{"type":"rtp","data":{"rtpPort":0,"rtcpPort":0}}"""
        );
        using var started = JsonDocument.Parse(answer.Body);
        if (!started.RootElement.TryGetProperty("id", out var number))
        {
            throw new InvalidOperationException($"The start was answered {answer.Body}");
        }
        var clip = await ReferenceClip.MakeAsync(new ReferenceClipFormat(320, 180, 15, TimeSpan.FromSeconds(5)));
        var sender = RtpSender.Send(
            await RtpSender.EncodeAsync(clip, "libvpx"),
            started.RootElement.GetProperty("rtp_port").GetInt32(),
            started.RootElement.GetProperty("rtcp_port").GetInt32()
        );
        await using (sender)
        {
            await api.SeeSessionInFarmAsync(
                number.GetInt32(),
                "its record is open",
                Limit,
                now => now.Records.Count > 0 && now.Records[0].OpenedAt is not null
            );
            await Task.Delay(TimeSpan.FromSeconds(2));
        }
        await api.StopAsync(number.GetInt32());
        return number.GetInt32();
    }

    /// <summary>Writes random bytes in place of the record.</summary>
    /// <returns>The SHA-256 of the file.</returns>
    private async Task<string> FillAsync(string path, CancellationToken cancellation)
    {
        var block = new byte[1 << 20];
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var file = File.Create(path);
        for (var left = bytes; left > 0; left -= block.Length)
        {
            RandomNumberGenerator.Fill(block);
            var count = (int)Math.Min(block.Length, left);
            hash.AppendData(block, 0, count);
            await file.WriteAsync(block.AsMemory(0, count), cancellation);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static async Task<string> HashOfAsync(Uri address, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        await using var body = await http.GetStreamAsync(address, cancellation);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(body, cancellation));
    }

    private static async Task<Download> FetchAsync(string address, RecorderNode edge, RecorderNode holder)
    {
        var (edgeId, holderId) = (edge.ProcessId!.Value, holder.ProcessId!.Value);
        var (edgeCpu, holderCpu) = (CpuOf(edgeId), CpuOf(holderId));
        var (edgeBefore, holderBefore) = (
            ProcFileSystem.ResidentSetSize(edgeId),
            ProcFileSystem.ResidentSetSize(holderId)
        );
        var (edgeMost, holderMost) = (edgeBefore, holderBefore);
        var fetching = ToolRun.OutputOfAsync(
            "curl",
            "--silent",
            "--fail",
            "--output",
            "/dev/null",
            "--write-out",
            "%{speed_download}",
            address
        );
        while (await Task.WhenAny(fetching, Task.Delay(Sample)) != fetching)
        {
            edgeMost = Math.Max(edgeMost, ProcFileSystem.ResidentSetSize(edgeId));
            holderMost = Math.Max(holderMost, ProcFileSystem.ResidentSetSize(holderId));
        }
        return new Download(
            double.Parse(await fetching, CultureInfo.InvariantCulture),
            (CpuOf(edgeId) - edgeCpu).TotalSeconds,
            (CpuOf(holderId) - holderCpu).TotalSeconds,
            edgeMost - edgeBefore,
            holderMost - holderBefore
        );
    }

    private static TimeSpan CpuOf(int processId)
    {
        using var process = Process.GetProcessById(processId);
        return process.TotalProcessorTime;
    }

    private static async Task<Process> ServeAsync(string folder, string files, int port)
    {
        var configuration = Path.Join(folder, "nginx.conf");
        await File.WriteAllTextAsync(
            configuration,
            string.Create(
                CultureInfo.InvariantCulture,
                $$"""
                daemon off; master_process off; pid {{folder}}/pid; error_log stderr;
                events { worker_connections 64; }
                http { access_log off; sendfile on; server { listen 127.0.0.1:{{port}}; location / { root {{files}}; } } }
                """
            )
        );
        var process = Process.Start(new ProcessStartInfo("/usr/sbin/nginx", ["-c", configuration, "-e", "stderr"]))!;
        await Eventually.BeAsync(
            "nginx answers",
            Limit,
            async () =>
                (
                    await ToolRun.RunAsync(
                        "curl",
                        "--silent",
                        string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/")
                    )
                ).ExitCode == 0
        );
        return process;
    }
}
