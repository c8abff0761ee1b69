using System.Text.Json;
using System.Threading.Channels;
using Recorder.Worker.Files;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Loop;

/// <summary>
/// The worker's one loop: commands in, events out, one record or some repairs in a life. What happens elsewhere arrives as an input too, so
/// that nothing here runs at the same time as anything else. How a record ends is the same whatever is recorded.
/// </summary>
internal sealed class WorkerLoop : IDisposable
{
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan StalledEndLimit = TimeSpan.FromSeconds(1);

    private readonly Channel<WorkerInput> inputs = Channel.CreateUnbounded<WorkerInput>(new UnboundedChannelOptions { SingleReader = true });
    private readonly CancellationTokenSource watching = new();
    private readonly Action<WorkerEvent> tell;
    private readonly Func<WorkerCommand, LoopPort, RecordSource> sourceOf;
    private readonly TimeProvider time;
    private RecordSource? source;
    private Task? ticking;
    private LastAlive? nodeAlive;

    /// <summary>A worker that does nothing until <see cref="RunAsync"/>.</summary>
    /// <param name="tell">Takes the events, in order.</param>
    /// <param name="sourceOf">What records by a <see cref="WorkerCommand.Prepare"/> or a <see cref="WorkerCommand.ReceiveRtp"/>; nothing is opened yet.</param>
    /// <param name="time">The clock.</param>
    public WorkerLoop(Action<WorkerEvent> tell, Func<WorkerCommand, LoopPort, RecordSource> sourceOf, TimeProvider time)
    {
        this.tell = tell;
        this.sourceOf = sourceOf;
        this.time = time;
    }

    /// <summary>Gives the worker something to react to. From any thread.</summary>
    public void Post(WorkerInput input) => inputs.Writer.TryWrite(input);

    /// <summary>Only after <see cref="RunAsync"/>.</summary>
    public void Dispose()
    {
        source?.Dispose();
        watching.Dispose();
    }

    /// <summary>Works until the record or the input has ended.</summary>
    /// <returns>One of <see cref="WorkerExitCode"/>.</returns>
    public async Task<int> RunAsync()
    {
        int code = WorkerExitCode.Finished;
        await foreach (WorkerInput input in inputs.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (await ReactAsync(input).ConfigureAwait(false) is { } exit)
            {
                code = exit;
                break;
            }

            if (ticking is null && source is { HasBegun: true } begun)
            {
                ticking = TickAsync(begun.TickInterval);
            }
        }

        await watching.CancelAsync().ConfigureAwait(false);
        await (ticking ?? Task.CompletedTask).ConfigureAwait(false);
        return code;
    }

    private async Task TickAsync(TimeSpan interval)
    {
        using PeriodicTimer timer = new(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(watching.Token).ConfigureAwait(false))
            {
                Post(new WorkerInput.Tick());
            }
        }
        catch (OperationCanceledException)
        {
            // The record ends.
        }
    }

    private async Task<int?> ReactAsync(WorkerInput input)
    {
        try
        {
            switch (input)
            {
                case WorkerInput.Line line:
                    return await ObeyAsync(line.Text).ConfigureAwait(false);
                case WorkerInput.InputClosed:
                    return await FinishAsync(WorkerFinishReason.InputClosed).ConfigureAwait(false);
                case WorkerInput.Terminated:
                    return await FinishAsync(WorkerFinishReason.Terminated).ConfigureAwait(false);
                case WorkerInput.Tick:
                    return await OnTickAsync(source!).ConfigureAwait(false);
                default:
                    return source is null ? null : await FailAsync(source, await source.ReactAsync(input).ConfigureAwait(false)).ConfigureAwait(false);
            }
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            // A fault of ours: the file keeps what is in it, and the node hears why this process ends.
            Console.Error.WriteLine(error);
            tell(new WorkerEvent.Failed(WorkerFailure.EncoderFailed, $"The worker of session {source?.Place.Session} failed: {error.Message}"));
            return source is { HasBegun: true } ? WorkerExitCode.NotFinalised : WorkerExitCode.NotPrepared;
        }
    }

    private async Task<int?> ObeyAsync(string line)
    {
        WorkerCommand command;
        try
        {
            command = WorkerProtocol.ParseCommand(line);
        }
        catch (JsonException error)
        {
            return Refuse($"The worker was given a line that is not a command: {error.Message}");
        }

        switch (command)
        {
            case WorkerCommand.Finish:
                return await FinishAsync(WorkerFinishReason.Finish).ConfigureAwait(false);
            case WorkerCommand.Alive alive:
                nodeAlive = LastAlive.Now(alive, time);
                return null;
            case WorkerCommand.Prepare or WorkerCommand.ReceiveRtp:
                return source is null ? await PrepareAsync(command).ConfigureAwait(false) : Refuse("This worker is prepared already.");
            case WorkerCommand.Repair repair:
                return source is null ? Tell(await RecordRepair.RepairAsync(repair).ConfigureAwait(false)) : Refuse("A worker that records does not repair files.");
            case WorkerCommand.Keep keep:
                return source is null ? Tell(await RecordRepair.KeepAsync(keep).ConfigureAwait(false)) : Refuse("A worker that records does not look at files.");
            case WorkerCommand.TakeThumbnail when source is null:
                return Tell(new WorkerEvent.ThumbnailFailed(PageSource.NothingToShow));
            default:
                return source is null
                    ? Refuse("The worker has to be prepared before it is told that.")
                    : await FailAsync(source, await source.ObeyAsync(command).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private int? Refuse(string message) => Tell(new WorkerEvent.Failed(WorkerFailure.InvalidCommand, message));

    private int? Tell(WorkerEvent said)
    {
        tell(said);
        return null;
    }

    private async Task<int?> PrepareAsync(WorkerCommand command)
    {
        source = sourceOf(command, new LoopPort(Post, tell, time, watching.Token));
        try
        {
            await source.PrepareAsync().ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is WorkerException or GStreamerException or DllNotFoundException)
        {
            await AbandonAsync(source).ConfigureAwait(false);
            tell(error is WorkerException known
                ? new WorkerEvent.Failed(known.Code, known.Message)
                : new WorkerEvent.Failed(WorkerFailure.EncoderFailed, source.CannotBuild(error.Message)));
            return WorkerExitCode.NotPrepared;
        }
    }

    private async Task<int?> OnTickAsync(RecordSource running)
    {
        RecordPlace place = running.Place;
        if (place.Path is { } path && RecordFile.IsGone(path))
        {
            return await FailAsync(running, new RecordFault(WorkerFailure.RecordGone, $"Session {place.Session} has lost its record while it was written.")).ConfigureAwait(false);
        }

        // First: a host that stood still looks like a stall too, and a stall gives the record less time to end.
        if (nodeAlive?.IsOver(time) == true)
        {
            return await FinishAsync(WorkerFinishReason.NodeSilent).ConfigureAwait(false);
        }

        if (await FailAsync(running, await running.OnTickAsync().ConfigureAwait(false)).ConfigureAwait(false) is { } code)
        {
            return code;
        }

        return place.Path is not null && RecordFile.FreeBytes(place.Path) < place.MinimumFreeBytes
            ? await FailAsync(running, new RecordFault(
                WorkerFailure.DiskFull,
                $"Less than {place.MinimumFreeBytes} bytes are free for {place.Path}; the record of session {place.Session} was ended while it can be finalised.")).ConfigureAwait(false)
            : null;
    }

    private async Task<int?> FinishAsync(string reason)
    {
        if (source is null)
        {
            return WorkerExitCode.Finished;
        }

        if (!source.HasBegun)
        {
            await AbandonAsync(source).ConfigureAwait(false);
            return WorkerExitCode.Finished;
        }

        return await CloseAsync(source, reason, EndLimit).ConfigureAwait(false) ? WorkerExitCode.Finished : WorkerExitCode.NotFinalised;
    }

    private async Task<int?> FailAsync(RecordSource failing, RecordFault? fault)
    {
        if (fault is null)
        {
            return null;
        }

        WorkerEvent.Failed failed = new(fault.Code, fault.Message);
        if (!failing.HasBegun)
        {
            await AbandonAsync(failing).ConfigureAwait(false);
            tell(failed);
            return WorkerExitCode.NotPrepared;
        }

        // Whoever stalled may keep the close from ending too; the reason is told while it can be.
        bool stalled = fault.Code == WorkerFailure.Stalled;
        if (stalled)
        {
            tell(failed);
        }

        bool closed = await CloseAsync(failing, fault.Code, stalled ? StalledEndLimit : EndLimit).ConfigureAwait(false);
        if (!stalled)
        {
            tell(failed);
        }

        return closed ? WorkerExitCode.Failed : WorkerExitCode.NotFinalised;
    }

    /// <summary>Ends the stream, closes the file and finalises it. False: it still wants a repair.</summary>
    private async Task<bool> CloseAsync(RecordSource ending, string reason, TimeSpan endLimit)
    {
        await watching.CancelAsync().ConfigureAwait(false);
        RecordEnd end = await ending.EndAsync(endLimit).ConfigureAwait(false);
        (WorkerEvent said, bool closed) = await RecordEnding.FinaliseAsync(ending.Place, end, reason, time).ConfigureAwait(false);
        tell(said);
        return closed;
    }

    /// <summary>Nothing was recorded: nothing is left.</summary>
    private static async Task AbandonAsync(RecordSource abandoned)
    {
        await abandoned.AbandonAsync().ConfigureAwait(false);
        if (abandoned is { FileIsOurs: true, Place.Path: { } path })
        {
            File.Delete(path);
        }
    }
}
