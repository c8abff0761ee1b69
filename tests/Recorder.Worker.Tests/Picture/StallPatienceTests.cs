using Recorder.Worker.Picture;

namespace Recorder.Worker.Tests.Picture;

public class StallPatienceTests
{
    private const long Late = StallPatience.Stall + 1;

    [Fact]
    public void A_tick_in_time_is_not_waited_for() =>
        Assert.Equal(0, After((0, 0), (StallPatience.Stall, PictureCapture.MaximumBacklog)));

    [Fact]
    public void The_encoder_is_waited_for_after_a_stall() =>
        Assert.Equal(StallPatience.Patience, After((0, 0), (Late, 0)));

    [Fact]
    public void A_slow_encoder_is_waited_for_once()
    {
        var patience = new StallPatience();
        patience.Look(Late, 0);
        patience.Spend(StallPatience.Patience);
        patience.Look(Late, PictureCapture.MaximumBacklog);
        patience.Look(0, PictureCapture.MaximumBacklog);
        patience.Look(Late, PictureCapture.MaximumBacklog);
        Assert.Equal(0, patience.Left);
    }

    [Fact]
    public void The_next_stall_is_waited_for_when_the_encoder_had_room_meanwhile() =>
        Assert.Equal(
            StallPatience.Patience,
            After((Late, 0), (Late, PictureCapture.MaximumBacklog), (0, PictureCapture.MaximumBacklog / 2), (Late, 3))
        );

    private static long After(params (long Overdue, long Backlog)[] ticks)
    {
        var patience = new StallPatience();
        foreach (var (overdue, backlog) in ticks)
        {
            patience.Look(overdue, backlog);
        }
        return patience.Left;
    }
}
