using System.Collections.Immutable;
using System.Globalization;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>How the reception begins, fails, is begun anew and ends.</summary>
internal sealed partial class RtpSource
{
    // Frames whose packets have come are made in a moment; a sender's nonsense may never make one.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMilliseconds(500);

    private void StartReception()
    {
        senders = new RtpSenders(
            settings.Codec,
            legs[0].Settings,
            legs.Count > 1 ? legs[1].Settings : null,
            record!,
            ssrc => legs[0].AskForKeyFrame(ssrc),
            (receiver, message) => Port.Post(new RtpInput.ReceiverMessage(receiver, message)),
            Port.Time);
        legs.ForEach(leg => leg.Listen(senders));
    }

    /// <summary>What a sender sends may break an element: the file does not suffer from it, and the sender's next packets begin afresh.</summary>
    private async Task OnReceiverFailedAsync(RtpReceiver? receiver, Message message)
    {
        DateTimeOffset now = Port.Time.GetUtcNow();
        (ReceptionRetry next, TimeSpan wait, bool isTold) = retry!.Failed(now);
        if (senders?.Replace(receiver, wait) != true)
        {
            return;
        }

        retry = next;
        if (receiver is not null)
        {
            await StopReceiversAsync([receiver]).ConfigureAwait(false);
        }

        string again = wait == TimeSpan.Zero
            ? "failed and is begun anew"
            : string.Create(CultureInfo.InvariantCulture, $"has failed {retry.Failures} times and is begun anew in {wait.TotalSeconds:0.#} s");
        string text = $"The reception of session {settings.Session} {again}; see what its sender sends ({message.Source}: {message.Text}).";
        if (isTold)
        {
            Port.Tell(new WorkerEvent.RtpReceptionFailed(now, text));
        }
        else
        {
            Console.Error.WriteLine(text);
        }
    }

    private async Task LookAtSendersAsync()
    {
        SendersLook look = senders!.Look();
        DateTimeOffset now = Port.Time.GetUtcNow();
        foreach (IgnoredSender ignored in look.Ignored)
        {
            string text = ignored.Describe(settings.Session, legs[ignored.IsPicture ? 0 : 1].Settings.RtpPort);
            Port.Tell(new WorkerEvent.RtpSenderIgnored(now, text));
        }

        (watch, WorkerEvent? told) = watch!.Look(
            new SenderSigns(legs[0].Reception, legs[0].HeardAt, legs.Count > 1 ? legs[1].HeardAt : null, senders.KeyFrameAwaitedSince, legs[0].KeyFrameRequests),
            legs[0].Settings,
            settings.Address,
            settings.Session,
            now);
        if (told is not null)
        {
            Port.Tell(told);
        }

        if (!look.Gone.IsEmpty)
        {
            await StopReceiversAsync(look.Gone).ConfigureAwait(false);
        }
    }

    private async Task<bool> StopReceptionAsync()
    {
        (RtpSenders? stopping, senders) = (senders, null);
        if (stopping is null)
        {
            return true;
        }

        try
        {
            await stopping.DrainAsync().WaitAsync(DrainLimit, Port.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // What has come out by now is all there is.
        }

        ImmutableList<RtpReceiver> receivers = stopping.End();
        heldBack = stopping.Held;
        return await StopReceiversAsync(receivers).ConfigureAwait(false);
    }

    private async Task<bool> StopReceiversAsync(ImmutableList<RtpReceiver> receivers) => receivers.IsEmpty || await StopAsync(() => receivers.ForEach(receiver =>
    {
        receiver.Stop();
        receiver.Dispose();
    })).ConfigureAwait(false);
}
