using Recorder.Cluster.Sessions.Model;
using Recorder.Node.Parts;
using Recorder.Node.Processes;

namespace Recorder.Node.Workers;

/// <summary>Makes pictures of finished records, one at a time, each in a process of its own with a time limit and a low
/// priority.</summary>
internal sealed class PosterMaker(ProcessLauncher launcher, RunRoot root, MediaOptions options) : IDisposable
{
    /// <summary>Below the encoders, whose niceness is 5 unless configured otherwise.</summary>
    private const int Niceness = 15;

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(25);

    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>Makes the picture of a record.</summary>
    /// <param name="session">The session.</param>
    /// <param name="record">The path of the record.</param>
    /// <param name="picture">The path of the new picture.</param>
    /// <returns>Null when the picture is made, or else why not, as one sentence.</returns>
    public async Task<string?> MakeAsync(SessionId session, string record, string picture)
    {
        if (!await _turn.WaitAsync(Limit))
        {
            return "Other pictures are still being made.";
        }
        RunDirectory? run = null;
        try
        {
            run = root.Create(session, "poster");
            var line = WorkerExecutable.CommandLine(options.WorkerCommand)[..^1];
            var process = await launcher.StartAsync(
                new ProcessRequest(ProcessRole.Tool, line[0], [.. line[1..], "poster", record, picture])
                {
                    Unprivileged = false,
                    Niceness = Niceness,
                    Environment = WorkerExecutable.Environment,
                },
                run
            );
            try
            {
                var exit = await process.Exited.WaitAsync(Limit);
                return exit.Code switch
                {
                    0 => null,
                    1 => "The record shows no picture.",
                    _ => $"The picture could not be made: the process {exit.Description}. {exit.LogTail}".Trim(),
                };
            }
            catch (TimeoutException)
            {
                process.Kill();
                return $"The picture was not made within {Limit.TotalSeconds:0} s.";
            }
        }
        catch (ProcessStartException error)
        {
            return error.Message;
        }
        finally
        {
            _turn.Release();
            _ = run?.CloseAsync();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();
}
