using Recorder.Cluster.ReadModel;
using Recorder.Cluster.Sessions.Model;
using Recorder.Http.Library;
using static Recorder.Http.Tests.Summaries;

namespace Recorder.Http.Tests.Library;

/// <summary>The name under which a record is saved.</summary>
public sealed class ContentNamesTests
{
    [Theory]
    [InlineData(null, "2021-09-22_07-56-00__0.mp4")]
    [InlineData("Výbor, 3. zasedání", "Výbor, 3. zasedání 1-2.mp4")]
    [InlineData("../../etc/passwd", "-..-etc-passwd 1-2.mp4")]
    [InlineData("C:\\x \"y\" <z>|*?", "C--x -y- -z---- 1-2.mp4")]
    [InlineData("...", "2021-09-22_07-56-00__0.mp4")]
    [InlineData("会議 😀", "会議 😀 1-2.mp4")]
    public void A_name_is_one_that_every_system_accepts(string? name, string expected)
    {
        var session = Session(1, SessionPhase.Stopped, Finished("/records/2021-09-22_07:56:00__0.mp4"));
        session = session with { Spec = session.Spec with { Name = name } };

        Assert.Equal(
            expected,
            ContentNames.FileNameOf(
                new SessionRecord(new RecordId(new SessionId(1), 2), session, session.Records[0])
            )
        );
    }

    [Theory]
    [InlineData("a b.mp4", false, "attachment; filename=\"a b.mp4\"; filename*=UTF-8''a%20b.mp4")]
    [InlineData("a b.mp4", true, "inline; filename=\"a b.mp4\"; filename*=UTF-8''a%20b.mp4")]
    [InlineData("Výbor.mp4", false, "attachment; filename=V_bor.mp4; filename*=UTF-8''V%C3%BDbor.mp4")]
    [InlineData(
        "会議 😀.mp4",
        false,
        "attachment; filename=\"__ __.mp4\"; filename*=UTF-8''%E4%BC%9A%E8%AD%B0%20%F0%9F%98%80.mp4"
    )]
    public void The_disposition_has_the_name_in_ASCII_and_in_UTF_8(string name, bool inline, string expected) =>
        Assert.Equal(expected, ContentNames.Disposition(name, inline));
}
