using System.Globalization;

using Recorder.Node.GStreamer;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>How the reception begins, fails, is begun anew and ends.</summary>
internal sealed partial class RtpWorker
{
    private void StartReceiver()
    {
        RtpReceiver? made = null;
        made = new RtpReceiver(settings, legs, record!, nextSource, message => Post(new RtpInput.ReceiverMessage(made!, message)));
        receiver = made;
        if (!made.Start())
        {
            throw new GStreamerException("the reception does not start");
        }
    }

    /// <summary>What a sender sends may break an element: the file does not suffer from it, and the next reception starts afresh.</summary>
    private async Task OnReceiverFailedAsync(Message message)
    {
        nextSource = receiver!.NewestSource;
        await StopReceiverAsync().ConfigureAwait(false);
        DateTimeOffset now = time.GetUtcNow();
        (retry, TimeSpan wait, bool isTold) = retry!.Failed(now);
        string again = wait == TimeSpan.Zero
            ? "failed and is begun anew"
            : string.Create(CultureInfo.InvariantCulture, $"has failed {retry.Failures} times and is begun anew in {wait.TotalSeconds:0.#} s");
        string text = $"The reception of session {settings.Session} {again}; see what its sender sends ({message.Source}: {message.Text}).";
        if (isTold)
        {
            tell(new WorkerEvent.RtpReceptionFailed(now, text));
        }
        else
        {
            Console.Error.WriteLine(text);
        }

        if (wait == TimeSpan.Zero)
        {
            StartReceiver();
        }
    }

    private async Task<bool> StopReceiverAsync()
    {
        (RtpReceiver? stopping, receiver) = (receiver, null);
        return stopping is null || await StopAsync(() =>
        {
            stopping.Stop();
            stopping.Dispose();
        }).ConfigureAwait(false);
    }
}
