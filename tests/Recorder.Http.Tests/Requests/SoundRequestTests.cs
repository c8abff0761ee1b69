using System.Text;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Requests;

namespace Recorder.Http.Tests.Requests;

public sealed class SoundRequestTests
{
    [Theory]
    [InlineData("\"video\":false", RecordContainer.M4a)]
    [InlineData("\"video\":false,\"container\":\"ogg\",\"audio_bitrate\":96", RecordContainer.Ogg)]
    [InlineData("\"video\":false,\"container\":\"mp3\",\"audio_bitrate\":128,\"mode\":\"record\"", RecordContainer.Mp3)]
    [InlineData("\"video\":false,\"container\":\"flac\",\"end\":{\"silence\":{\"for\":\"5 min\"}}", RecordContainer.Flac)]
    public void Sound_alone_is_recorded_from_a_small_display(string fields, RecordContainer container)
    {
        var parsed = Parse(fields);

        Assert.Null(parsed.Error);
        var spec = Assert.IsType<PageSessionSpec>(parsed.Value);
        Assert.Equal(
            (true, container, VideoSettings.OfSoundAlone, null),
            (spec.SoundOnly, spec.Container, spec.Video, spec.AlsoAudio)
        );
    }

    [Theory]
    [InlineData("\"also_audio\":\"mp3\"", RecordContainer.Mp3, RecordContainer.Mp4)]
    [InlineData("\"also_audio\":\"flac\",\"container\":\"mkv\",\"audio_bitrate\":100", RecordContainer.Flac, RecordContainer.Mkv)]
    [InlineData("\"video\":true,\"also_audio\":\"ogg\",\"width\":1280", RecordContainer.Ogg, RecordContainer.Mp4)]
    public void Sound_stands_beside_a_record_with_a_picture(
        string fields,
        RecordContainer beside,
        RecordContainer container
    )
    {
        var parsed = Parse(fields);

        Assert.Null(parsed.Error);
        var spec = Assert.IsType<PageSessionSpec>(parsed.Value);
        Assert.Equal((false, beside, container), (spec.SoundOnly, spec.AlsoAudio!.Value, spec.Container));
    }

    [Theory]
    [InlineData("\"video\":false,\"width\":1280", "data.width", "is for a picture")]
    [InlineData("\"video\":false,\"framerate\":30", "data.framerate", "is for a picture")]
    [InlineData("\"video\":false,\"bitrate\":6000", "data.bitrate", "is for a picture")]
    [InlineData("\"video\":false,\"preset\":\"fast\"", "data.preset", "is for a picture")]
    [InlineData("\"video\":false,\"container\":\"mp4\"", "data.container", "take one of m4a, ogg, mp3, flac")]
    [InlineData("\"container\":\"ogg\"", "data.container", "set data.video to false")]
    [InlineData("\"video\":true,\"container\":\"m4a\"", "data.container", "set data.video to false")]
    [InlineData("\"video\":false,\"mode\":\"both\",\"stream_uri\":\"rtmp://a.example/b/c\"", "data.mode", "must be record")]
    [InlineData("\"video\":false,\"hls\":true", "data.hls", "needs a picture")]
    [InlineData("\"video\":false,\"also_audio\":\"ogg\"", "data.also_audio", "is of no use")]
    [InlineData("\"mode\":\"stream\",\"stream_uri\":\"rtmp://a.example/b/c\",\"also_audio\":\"ogg\"", "data.also_audio", "needs a record")]
    [InlineData("\"also_audio\":\"mp4\"", "data.also_audio", "must be one of m4a, ogg, mp3, flac")]
    [InlineData("\"video\":false,\"end\":{\"still\":{\"for\":\"5 min\"}}", "data.end.still", "use silence")]
    [InlineData("\"video\":false,\"container\":\"flac\",\"audio_bitrate\":128", "data.audio_bitrate", "loses nothing")]
    [InlineData("\"video\":false,\"container\":\"mp3\",\"audio_bitrate\":100", "data.audio_bitrate", "must be one of 32, 40")]
    [InlineData("\"also_audio\":\"mp3\",\"audio_bitrate\":100", "data.audio_bitrate", "must be one of 32, 40")]
    [InlineData("\"video\":\"no\"", "data.video", "must be true or false")]
    public void What_does_not_fit_sound_alone_is_refused_with_the_reason(string fields, string field, string why)
    {
        var error = Parse(fields).Error;

        Assert.NotNull(error);
        var told = Assert.Single(error.All);
        Assert.Equal(field, told.Field);
        Assert.Contains(why, told.Error, StringComparison.Ordinal);
    }

    private static Parsed<SessionSpec> Parse(string fields) =>
        StartRequestParser.Parse(
            Encoding.UTF8.GetBytes($$$"""{"type":"uri","data":{"uri":"https://meet.example/room",{{{fields}}}}}""")
        );
}
