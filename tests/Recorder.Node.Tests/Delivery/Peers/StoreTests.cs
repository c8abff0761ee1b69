using System.Diagnostics;
using System.Security.Cryptography;
using Amazon.S3;
using Amazon.S3.Model;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;
using Recorder.Worker.Network;

namespace Recorder.Node.Tests.Delivery.Peers;

/// <summary>Transfers to real S3 servers, and faults on the way there.</summary>
public abstract class StoreTests(IStore store) : PeerTests
{
    private readonly string _prefix = Guid.NewGuid().ToString("N");

    private string Key => $"{_prefix}/{Name}";

    /// <summary>The ways that cut, turn and hold up bytes, the wrong options, and the right ones at the end.</summary>
    protected async Task WalkAsync()
    {
        await CutAtEachPartAsync();
        await TurnABitAsync();
        await StandStillAsync();
        await RefuseWrongOptionsAsync();
    }

    private async Task CutAtEachPartAsync()
    {
        using var proxy = new CuttingProxy(store.Port);
        for (var cut = 1_000_000L; cut < 5_000_000; cut += 3_000_000)
        {
            proxy.CutAfter = cut;
            var report = await SendAsync(store.Options(_prefix, proxy.Port));
            Assert.True(report.MayPass, report.Problem);
            Assert.False(await IsThereAsync());
        }
        proxy.CutAfter = null;
        Assert.Null((await SendAsync(store.Options(_prefix, proxy.Port))).Problem);
        await AssertWholeAsync();
        await RemoveAsync();
    }

    private async Task TurnABitAsync()
    {
        using var proxy = new CuttingProxy(store.Port) { TurnAt = 3_000_000 };
        var report = new TransferReport("Not begun.", true);
        for (var attempt = 0; report.Problem is not null && attempt < 5; attempt++)
        {
            report = await SendAsync(store.Options(_prefix, proxy.Port));
            Assert.True(report.Problem is null || report.MayPass, report.Problem);
        }
        Assert.Null(report.Problem);
        Assert.Null(proxy.TurnAt);
        await AssertWholeAsync();
        await RemoveAsync();
    }

    private async Task StandStillAsync()
    {
        using var proxy = new CuttingProxy(store.Port) { Drip = TimeSpan.FromSeconds(30) };
        var options = store.Options(_prefix, proxy.Port);
        options.Timeout = TimeSpan.FromSeconds(2);

        var report = await SendAsync(options);

        Assert.Contains("nothing moved for 2 s", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
        Assert.False(await IsThereAsync());
    }

    private async Task RefuseWrongOptionsAsync()
    {
        var bucket = store.Options(_prefix);
        bucket.Bucket = "no-such-bucket";
        await AssertToldAsync(bucket, "there is no bucket no-such-bucket");
        if (!store.ChecksSignatures)
        {
            return;
        }

        var secret = store.Options(_prefix);
        secret.Secret = "another-secret";
        await AssertToldAsync(secret, "refuses the credentials");

        // The credentials are rotated while a record is sent: what was confirmed stays, and the new secret goes on.
        var file = Path.Join(Root, "secret");
        await File.WriteAllTextAsync(file, "another-secret");
        var rotated = store.Options(_prefix);
        (rotated.Secret, rotated.SecretFile) = ("", file);
        await AssertToldAsync(rotated, "refuses the credentials");
        await File.WriteAllTextAsync(file, store.Secret);
        Assert.Null((await SendAsync(rotated)).Problem);
        await AssertWholeAsync();
    }

    private async Task AssertToldAsync(DestinationOptions options, string told)
    {
        var report = await SendAsync(options);
        Assert.Contains(told, report.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("another-secret", report.Problem, StringComparison.Ordinal);
        Assert.True(report.MayPass);
    }

    /// <summary>The process of a transfer is killed, and the next one goes on.</summary>
    protected async Task KillAsync()
    {
        using var proxy = new CuttingProxy(store.Port) { Drip = TimeSpan.FromMilliseconds(5) };
        var request = new TransferRequest("peer", store.Options(_prefix, proxy.Port), [Record], 0, State, null);
        using (var process = await StartAsync(request))
        {
            await Harness.Eventually.BeAsync("a part is confirmed", TimeSpan.FromSeconds(60), () =>
                File.Exists(State) && File.ReadAllText(State).Contains("\"1\"", StringComparison.Ordinal)
            );
            process.Kill();
            await process.WaitForExitAsync();
        }
        Assert.False(await IsThereAsync());

        (var sent, proxy.Drip) = (proxy.Sent, TimeSpan.Zero);
        using (var process = await StartAsync(request))
        {
            var output = await process.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
            Assert.Contains("\"problem\":null", output, StringComparison.Ordinal);
        }
        Assert.True(proxy.Sent - sent < Content.Length - (5 << 20) + 200_000, $"{proxy.Sent - sent} bytes were sent");
        await AssertWholeAsync();
    }

    /// <summary>A presigned address takes a record.</summary>
    protected async Task PresignAsync()
    {
        Assert.Null((await PutAsync()).Problem);
        await AssertWholeAsync();
    }

    private async Task<TransferReport> PutAsync()
    {
        using var client = store.Client();
        var address = await client.GetPreSignedURLAsync(
            new GetPreSignedUrlRequest
            {
                BucketName = IStore.Bucket,
                Key = Key,
                Verb = HttpVerb.PUT,
                Protocol = Protocol.HTTP,
                Expires = TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(10),
            }
        );
        return await TransferProcess.SendAsync(
            new TransferRequest(
                "peer",
                new DestinationOptions { Kind = DestinationKind.Put },
                [Record],
                0,
                State,
                new Uri(address)
            )
            {
                Network = NetworkRules.None with { Allow = ["127.0.0.1"] },
            },
            Destinations.Make,
            TimeProvider.System,
            CancellationToken.None
        );
    }

    private static async Task<Process> StartAsync(TransferRequest request)
    {
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.ArgumentList.Add(Path.Join(AppContext.BaseDirectory, "recorder.dll"));
        start.ArgumentList.Add(TransferProcess.Command);
        var process = Process.Start(start)!;
        await process.StandardInput.WriteLineAsync(request.ToLine());
        await process.StandardInput.FlushAsync();
        return process;
    }

    private async Task<bool> IsThereAsync()
    {
        using var client = store.Client();
        try
        {
            await client.GetObjectMetadataAsync(IStore.Bucket, Key);
            return true;
        }
        catch (AmazonS3Exception error) when (error.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private async Task AssertWholeAsync()
    {
        using var client = store.Client();
        using var found = await client.GetObjectAsync(IStore.Bucket, Key);
        Assert.Equal(Record.Sha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(found.ResponseStream)));
    }

    private async Task RemoveAsync()
    {
        using var client = store.Client();
        await client.DeleteObjectAsync(IStore.Bucket, Key);
    }
}

/// <summary>Transfers to OpenStack Swift.</summary>
[Trait("ring", "media")]
public sealed class SwiftTests(SwiftServer store) : StoreTests(store), IClassFixture<SwiftServer>
{
    [Fact]
    public Task A_record_gets_there_whole_whatever_happens_on_the_way() => WalkAsync();

    [Fact]
    public Task The_parts_of_a_killed_transfer_are_not_sent_again() => KillAsync();

    [Fact]
    public Task A_presigned_address_takes_a_record() => PresignAsync();
}

/// <summary>Transfers to s3rver.</summary>
[Trait("ring", "media")]
public sealed class S3RverTests(S3RverServer store) : StoreTests(store), IClassFixture<S3RverServer>
{
    [FactWithS3Rver]
    public Task A_record_gets_there_whole_whatever_happens_on_the_way() => WalkAsync();

    [FactWithS3Rver]
    public Task A_presigned_address_takes_a_record() => PresignAsync();
}
