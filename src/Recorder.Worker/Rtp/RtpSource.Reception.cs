using System.Collections.Immutable;
using System.Globalization;
using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Rtp;

/// <summary>How the reception begins, fails, begins anew and ends.</summary>
internal sealed partial class RtpSource
{
    // Complete packets become frames in a moment. Invalid packets of a sender may never become a frame.
    private static readonly TimeSpan DrainLimit = TimeSpan.FromMilliseconds(500);

    private void StartReception()
    {
        _senders = new RtpSenders(
            _settings.Codec,
            _legs[0].Settings,
            _legs.Count > 1 ? _legs[1].Settings : null,
            _record!,
            ssrc => _legs[0].AskForKeyFrame(ssrc),
            (receiver, message) => Port.Post(new RtpInput.ReceiverMessage(receiver, message)),
            Port.Time
        );
        _legs.ForEach(leg => leg.Listen(_senders));
    }

    /// <summary>Replaces a receiver that a sender's data has broken. The file does not suffer, and the sender's next
    /// packets begin afresh.</summary>
    private async Task OnReceiverFailedAsync(RtpReceiver? receiver, Message message)
    {
        var now = Port.Time.GetUtcNow();
        (var next, var wait, var isTold) = _retry!.Failed(now);
        if (_senders?.Replace(receiver, wait) != true)
        {
            return;
        }

        _retry = next;
        if (receiver is not null)
        {
            await StopReceiversAsync([receiver]);
        }

        var again =
            wait == TimeSpan.Zero
                ? "failed and is begun anew"
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"has failed {_retry.Failures} times and is begun anew in {wait.TotalSeconds:0.#} s"
                );
        var text =
            $"The reception of session {_settings.Session} {again}; see what its sender sends ({message.Source}: {message.Text}).";
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
        var look = _senders!.Look();
        var now = Port.Time.GetUtcNow();
        foreach (var ignored in look.Ignored)
        {
            var text = ignored.Describe(_settings.Session, _legs[ignored.IsPicture ? 0 : 1].Settings.RtpPort);
            Port.Tell(new WorkerEvent.RtpSenderIgnored(now, text));
        }

        (_watch, var told) = _watch!.Look(
            new SenderSigns(
                _legs[0].Reception,
                _legs[0].HeardAt,
                _legs.Count > 1 ? _legs[1].HeardAt : null,
                _senders.KeyFrameAwaitedSince,
                _legs[0].KeyFrameRequests
            ),
            _legs[0].Settings,
            _settings.Address,
            _settings.Session,
            now
        );
        if (told is not null)
        {
            Port.Tell(told);
        }

        if (!look.Gone.IsEmpty)
        {
            await StopReceiversAsync(look.Gone);
        }
    }

    private async Task<bool> StopReceptionAsync()
    {
        (var stopping, _senders) = (_senders, null);
        if (stopping is null)
        {
            return true;
        }

        try
        {
            await stopping.DrainAsync().WaitAsync(DrainLimit, Port.Time);
        }
        catch (TimeoutException)
        {
            // The frames that have come out by now are all there are.
        }

        var receivers = stopping.End();
        _heldBack = stopping.Held;
        return await StopReceiversAsync(receivers);
    }

    private async Task<bool> StopReceiversAsync(ImmutableList<RtpReceiver> receivers) =>
        receivers.IsEmpty
        || await StopAsync(() =>
            receivers.ForEach(receiver =>
            {
                receiver.Stop();
                receiver.Dispose();
            })
        );
}
