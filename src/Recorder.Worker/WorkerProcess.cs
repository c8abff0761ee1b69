using System.Runtime.InteropServices;
using System.Text;
using Recorder.Worker.Loop;
using Recorder.Worker.Picture;
using Recorder.Worker.Protocol;
using Recorder.Worker.Rtp;
using Recorder.Worker.Sound;

namespace Recorder.Worker;

/// <summary>
/// <c>recorder pipeline</c>: the worker, the process that captures, encodes and writes one record. The node talks to
/// the worker in <see cref="WorkerProtocol"/> over standard input and output; standard error is for people.
/// </summary>
public static class WorkerProcess
{
    /// <summary>
    /// No longer than the piece that a browser asks for (10.7 ms). So this piece, and not the browser, decides the
    /// length of the server's sink. The sink's length decides how early its sound comes. With longer pieces here, the
    /// sound would move when the browser begins to play.
    /// </summary>
    private static readonly TimeSpan SoundPiece = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan SoundLimit = TimeSpan.FromSeconds(5);

    /// <summary>Runs until the record is finished or standard input ends.</summary>
    /// <returns>One of <see cref="WorkerExitCode"/>.</returns>
    public static async Task<int> RunAsync()
    {
        using StreamWriter output = new(
            Console.OpenStandardOutput(),
            new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)
        );
        using WorkerLoop worker = new(
            line => Write(output, line),
            (command, port) => SourceOf(command, port, OpenAsync, HearAsync),
            TimeProvider.System
        );
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);
        Thread reader = new(() => Read(worker)) { Name = "input", IsBackground = true };
        reader.Start();
        return await worker.RunAsync();

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            worker.Post(new WorkerInput.Terminated());
        }
    }

    /// <summary>Makes the source for a command.</summary>
    /// <param name="command">A <see cref="WorkerCommand.Prepare"/> or a <see cref="WorkerCommand.ReceiveRtp"/>.</param>
    /// <param name="port">The loop.</param>
    /// <param name="open">Connects to the display and the sound server of a page.</param>
    /// <param name="hear">Connects to the sound server of a page whose sound alone is recorded.</param>
    internal static RecordSource SourceOf(
        WorkerCommand command,
        LoopPort port,
        Func<WorkerCommand.Prepare, Task<CaptureSources>> open,
        Func<WorkerCommand.Prepare, Task<ISoundSource?>> hear
    ) =>
        command switch
        {
            WorkerCommand.Prepare { SoundOnly: true } prepare => new SoundSource(prepare, port, hear),
            WorkerCommand.Prepare prepare => new PageSource(prepare, port, open),
            WorkerCommand.ReceiveRtp receive => new RtpSource(receive, port),
            _ => throw new ArgumentOutOfRangeException(
                nameof(command),
                command,
                "Nothing is recorded by this command."
            ),
        };

    private static void Read(WorkerLoop worker)
    {
        using StreamReader input = new(Console.OpenStandardInput(), Encoding.UTF8);
        try
        {
            while (input.ReadLine() is { } line)
            {
                if (line.Length > 0)
                {
                    worker.Post(new WorkerInput.Line(line));
                }
            }
        }
        catch (IOException error)
        {
            Console.Error.WriteLine($"Standard input cannot be read: {error.Message}");
        }

        worker.Post(new WorkerInput.InputClosed());
    }

    private static void Write(StreamWriter output, WorkerEvent workerEvent)
    {
        try
        {
            output.WriteLine(WorkerProtocol.Serialize(workerEvent));
            output.Flush();
        }
        catch (IOException)
        {
            // The node is gone; the record is still finalised.
        }
    }

    private static async Task<CaptureSources> OpenAsync(WorkerCommand.Prepare settings)
    {
        var sound = HearAsync(settings);
        XDisplayPicture picture;
        try
        {
            picture = XDisplayPicture.Open(
                settings.Display,
                settings.FramebufferId,
                new PictureFormat(settings.Picture.Width, settings.Picture.Height)
            );
        }
        catch (Exception error) when (error is IOException or InvalidDataException or DllNotFoundException)
        {
            throw new WorkerException(
                WorkerFailure.DisplayUnavailable,
                $"Session {settings.Session} cannot see its display: {error.Message}"
            );
        }

        try
        {
            return new CaptureSources(picture, await sound);
        }
        catch
        {
            picture.Dispose();
            throw;
        }
    }

    private static async Task<ISoundSource?> HearAsync(WorkerCommand.Prepare settings)
    {
        try
        {
            return await Task.Factory.StartNew(
                () =>
                    settings.PulseServer.Length == 0
                        ? null
                        : PulseMonitor.Open(settings.PulseServer, SoundPiece, SoundLimit),
                CancellationToken.None,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default
            );
        }
        catch (Exception error) when (error is IOException or DllNotFoundException)
        {
            throw new WorkerException(
                WorkerFailure.SoundUnavailable,
                $"Session {settings.Session} cannot hear its sound server: {error.Message}"
            );
        }
    }
}
