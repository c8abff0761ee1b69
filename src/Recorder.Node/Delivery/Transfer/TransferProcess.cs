using System.Text.Json;

namespace Recorder.Node.Delivery.Transfer;

/// <summary>
/// The process that brings one record to one destination: <c>recorder deliver</c>. The node writes one
/// <see cref="TransferRequest"/> to the standard input and reads one <see cref="TransferReport"/> from the standard
/// output. A process of its own keeps work and memory of a transfer away from the node, below the priority of every
/// encoder.
/// </summary>
internal static class TransferProcess
{
    /// <summary>The word on the command line.</summary>
    public const string Command = "deliver";

    /// <summary>How long a destination may take to take unfinished uploads away.</summary>
    private static readonly TimeSpan AbandonLimit = TimeSpan.FromSeconds(30);

    /// <summary>Runs the process.</summary>
    /// <param name="make">Makes the destination.</param>
    /// <returns>The exit code: 0 when the destination has the files.</returns>
    public static async Task<int> RunAsync(Func<TransferRequest, IDestination> make)
    {
        var input = Console.In;
        TransferRequest request;
        try
        {
            request = TransferRequest.Of(await input.ReadLineAsync() ?? "null");
        }
        catch (JsonException)
        {
            await Console.Error.WriteLineAsync("A node starts this command by itself.");
            return 1;
        }

        // The end of the input is the end of the node.
        using var ended = new CancellationTokenSource();
        _ = Task.Run(async () =>
        {
            await input.ReadLineAsync();
            await ended.CancelAsync();
        });
        var alive = new SignOfLifeLine(Console.Out, TimeProvider.System);
        var report = await SendAsync(
            request,
            make,
            TimeProvider.System,
            ended.Token,
            alive.Tell,
            part => Console.Out.WriteLine(part.ToLine())
        );
        await Console.Out.WriteLineAsync(report.ToLine());
        return report.Problem is null ? 0 : 1;
    }

    /// <summary>Sends all files of a request, one after the other.</summary>
    /// <param name="request">The request.</param>
    /// <param name="make">Makes the destination.</param>
    /// <param name="time">The clock.</param>
    /// <param name="ended">Ends the transfer.</param>
    /// <param name="alive">Called at each sign of life, from any thread; null: nobody listens.</param>
    /// <param name="told">Called for each confirmed part of a growing record; null: nobody listens.</param>
    public static async Task<TransferReport> SendAsync(
        TransferRequest request,
        Func<TransferRequest, IDestination> make,
        TimeProvider time,
        CancellationToken ended,
        Action? alive = null,
        Action<GrowthReport>? told = null
    )
    {
        if (request.Files.Count == 0 && request.Complete is null)
        {
            return new TransferReport(
                $"Destination {request.Destination} gets the manifest alone, and no manifest could be written for this record. Nothing was sent.",
                MayPass: false
            );
        }
        StateFile.Resume(request.State, time.GetUtcNow().UtcDateTime);
        using var pace = new Pace(request.BytesPerSecond, request.Options.Timeout, time, ended, alive);
        IDestination? destination = null;
        try
        {
            destination = make(request);
            if (request.Complete is { } parts)
            {
                await destination.CompleteAsync(parts, pace);
                await SweepAsync(request, destination, time, pace);
                return new TransferReport(null, false);
            }
            if (request.Growing)
            {
                await destination.FollowAsync(request.Files[0], pace, time, told ?? (_ => { }));
            }
            foreach (var file in request.Files)
            {
                if (!File.Exists(file.Path))
                {
                    return new TransferReport($"{file.Path} was removed or moved away before it was delivered.", false);
                }
                await destination.SendAsync(file, pace);
            }
            await SweepAsync(request, destination, time, pace);
            return new TransferReport(null, false) { Unconfirmed = !destination.Confirmed };
        }
        catch (TransferFailure failure)
        {
            if (destination is not null && !failure.MayPass && request.Complete is null)
            {
                await AbandonAsync(destination, request.State, ended);
            }
            return new TransferReport(failure.Message, failure.MayPass);
        }
        catch (OperationCanceledException) when (pace.Stalled)
        {
            return new TransferReport(
                $"Destination {request.Destination}: nothing moved for {request.Options.Timeout.TotalSeconds:0.###} s, and the attempt was ended. Look at the destination, or raise Destinations:{request.Destination}:Timeout.",
                MayPass: true
            );
        }
        catch (OperationCanceledException)
        {
            return new TransferReport("The node ended the attempt.", MayPass: true);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            return new TransferReport(
                $"Destination {request.Destination}: {error.GetType().Name}: {error.Message}",
                MayPass: true
            );
        }
        finally
        {
            (destination as IDisposable)?.Dispose();
        }
    }

    /// <summary>Takes away what given-up deliveries to the same destination have left there. A store keeps unfinished
    /// uploads for ever, and bills them. The files of the request are there already, so nothing here fails the
    /// attempt. The next transfer goes on with the rest.</summary>
    private static async Task SweepAsync(
        TransferRequest request,
        IDestination destination,
        TimeProvider time,
        Pace pace
    )
    {
        if (request.GivenUpAfter is not { } limit)
        {
            return;
        }
        try
        {
            foreach (var state in StateFile.Older(request.State, (time.GetUtcNow() - limit).UtcDateTime))
            {
                pace.SignOfLife();
                if (!await AbandonAsync(destination, state, pace.Token))
                {
                    return;
                }
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // What is left of other deliveries does not make this one undelivered.
        }
    }

    /// <returns>Whether the destination answered in time.</returns>
    private static async Task<bool> AbandonAsync(IDestination destination, string state, CancellationToken ended)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ended);
        limit.CancelAfter(AbandonLimit);
        try
        {
            await destination.AbandonAsync(state, limit.Token);
            return true;
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            // The next transfer tries again.
            return false;
        }
    }
}
