using Recorder.Worker.GStreamer;
using Recorder.Worker.Protocol;

namespace Recorder.Worker.Sound;

/// <summary>The elements that encode sound.</summary>
internal static class SoundEncoder
{
    // Each step up from here costs more and is not heard at the bit rates of records.
    private const int OpusComplexity = 5;

    /// <summary>
    /// The AAC encoder. voaacenc is the cheaper of the two AAC encoders in question: 1.3 % of a core on noise, 0.2 % on
    /// silence. voaacenc also takes the samples in the format they have. avenc_aac with its fast coder takes up to
    /// 3.2 % and wants floats.
    /// </summary>
    public static Element Aac(SoundSettings settings)
    {
        var aac = ElementFactory.Make("voaacenc");
        aac.SetProperty("bitrate", settings.Bitrate * 1000L);
        return aac;
    }

    /// <summary>The encoder for a container of sound alone.</summary>
    /// <exception cref="GStreamerException">The element is missing.</exception>
    public static Element For(FileContainer container, SoundSettings settings)
    {
        switch (container)
        {
            case FileContainer.M4a:
                return Aac(settings);
            case FileContainer.Ogg:
                var opus = ElementFactory.Make("opusenc");
                opus.SetProperty("bitrate", settings.Bitrate * 1000L);
                opus.SetProperty("complexity", OpusComplexity);
                return opus;
            case FileContainer.Mp3:
                // A constant bit rate, so that the length of the file tells its duration even after a kill.
                var mp3 = ElementFactory.Make("lamemp3enc");
                mp3.SetEnum("target", "bitrate");
                mp3.SetProperty("cbr", true);
                mp3.SetProperty("bitrate", settings.Bitrate);
                return mp3;
            case FileContainer.Flac:
                return ElementFactory.Make("flacenc");
            default:
                throw new InvalidOperationException($"{container} is no container of sound alone.");
        }
    }
}
