using Recorder.Node.Processes;

namespace Recorder.Node.Tests.Processes;

public sealed class CapabilitiesTests
{
    [Theory]
    [InlineData("000001ffffffffff", true)]
    [InlineData("00000000a80425fb", true)]
    [InlineData("00000000000000e3", true)]
    [InlineData("00000000000000e1", false)]
    [InlineData("0000000000000063", false)]
    [InlineData("0000000000000000", false)]
    [InlineData("", false)]
    [InlineData("none", false)]
    public void Another_user_takes_five_of_roots_rights(string effective, bool may) =>
        Assert.Equal(
            may,
            Capabilities.MayUseAnotherUser(
                $"Name:\trecorder\nCapPrm:\t000001ffffffffff\nCapEff:\t{effective}\nCapBnd:\t000001ffffffffff\n"
            )
        );

    [Fact]
    public void A_kernel_that_tells_no_capabilities_gives_none() =>
        Assert.False(Capabilities.MayUseAnotherUser("Name:\trecorder\n"));

    [Fact]
    public void A_users_groups_are_its_own_and_those_that_list_it() =>
        Assert.Equal(
            new uint[] { 7, 44, 995 },
            new SystemUser("recorder", 999, 995)
                .GroupsIn(
                    "root:x:0:\nvideo:x:44:recorder\naudio:x:29:recorders,other\nlp:x:7:other,recorder\nbad:x:z:recorder\nshort:x\n"
                )
                .Order()
        );
}
