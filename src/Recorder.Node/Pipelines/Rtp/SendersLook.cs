using System.Collections.Immutable;

namespace Recorder.Node.Pipelines.Rtp;

/// <summary>What a look at all senders has brought.</summary>
/// <param name="Gone">Receivers of senders that are gone; they are to be stopped.</param>
/// <param name="Ignored">Senders of which is to be told that they are not recorded.</param>
internal sealed record SendersLook(ImmutableList<RtpReceiver> Gone, ImmutableList<IgnoredSender> Ignored);

/// <summary>A sender that is not recorded.</summary>
/// <param name="Ssrc">The sender.</param>
/// <param name="Recorded">The one that is recorded in its place; the same: another one with its SSRC, at another address.</param>
/// <param name="IsPicture">Whether it sends the picture.</param>
internal sealed record IgnoredSender(uint Ssrc, uint Recorded, bool IsPicture);
