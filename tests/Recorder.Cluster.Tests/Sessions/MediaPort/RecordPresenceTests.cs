using Recorder.Cluster.Identity;
using Recorder.Cluster.Sessions.MediaPort;
using Recorder.Cluster.Sessions.Model;
using Recorder.Cluster.Tests.Hosting;

namespace Recorder.Cluster.Tests.Sessions.MediaPort;

public sealed class RecordPresenceTests : IDisposable
{
    private static readonly FolderId Own = FolderId.New();

    private readonly TestFolder _folder = new();
    private readonly TestRecordsFolder _here;

    public RecordPresenceTests() => _here = new TestRecordsFolder(_folder.Records, Own);

    public void Dispose() => _folder.Dispose();

    public enum Folder
    {
        Own,
        Other,
        Unknown,
    }

    /// <summary>Which folder the record has, whether the record ever had a frame, whether the file is there, whether
    /// the folder is away, and what is said: nothing, so that the record is repaired, or that it is away or
    /// lost.</summary>
    [Theory]
    [InlineData(Folder.Own, true, true, false, null)]
    [InlineData(Folder.Own, true, false, false, typeof(RecordUnrecoverable))]
    [InlineData(Folder.Own, false, false, false, typeof(RecordUnrecoverable))]
    [InlineData(Folder.Own, true, false, true, typeof(RecordNotHere))]
    [InlineData(Folder.Own, false, false, true, typeof(RecordNotHere))]
    [InlineData(Folder.Other, true, false, false, typeof(RecordNotHere))]
    [InlineData(Folder.Other, false, false, false, typeof(RecordNotHere))]
    [InlineData(Folder.Other, true, true, false, typeof(RecordNotHere))]
    [InlineData(Folder.Unknown, true, true, false, null)]
    [InlineData(Folder.Unknown, true, false, false, typeof(RecordNotHere))]
    [InlineData(Folder.Unknown, false, false, false, typeof(RecordUnrecoverable))]
    [InlineData(Folder.Unknown, false, false, true, typeof(RecordNotHere))]
    public void Only_the_record_s_own_folder_without_the_file_tells_that_a_record_is_lost(
        Folder folder,
        bool opened,
        bool file,
        bool away,
        Type? said
    )
    {
        var repair = Repair(folder, opened);
        if (file)
        {
            File.WriteAllText(repair.RecordPath, "frames");
        }
        _here.WhyAway = away ? "The disk is not mounted." : null;

        Assert.Equal(said, RecordPresence.Look(_here, repair)?.GetType());
    }

    [Fact]
    public void A_record_of_another_records_folder_is_away_and_not_lost()
    {
        var repair = new RepairRecord("/earlier/2021-09-22_07:56:00__0.mp4", RecordContainer.Mp4);

        var away = Assert.IsType<RecordNotHere>(RecordPresence.Look(_here, repair));

        Assert.Contains(_folder.Records, away.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_repair_that_failed_because_the_folder_went_away_says_nothing_about_the_record()
    {
        var repair = Repair(Folder.Own, opened: true);
        var failed = new RecordUnrecoverable(repair.RecordPath, "The file is empty.");

        Assert.Same(failed, RecordPresence.After(_here, repair, failed));
        _here.WhyAway = "The disk is not mounted.";
        Assert.Equal(
            new RecordNotHere(repair.RecordPath, "The disk is not mounted."),
            RecordPresence.After(_here, repair, failed)
        );
    }

    private RepairRecord Repair(Folder folder, bool opened) =>
        new(Path.Join(_folder.Records, "2021-09-22_07:56:00__0.mp4"), RecordContainer.Mp4)
        {
            Opened = opened,
            Folder = folder switch
            {
                Folder.Own => Own,
                Folder.Other => FolderId.New(),
                _ => null,
            },
        };
}
