using Recorder.Node.Gateway;
using Recorder.Node.Tests.Repository;

namespace Recorder.Node.Tests.Gateway;

/// <summary><c>deploy/firewall</c>, in a network of its own.</summary>
[Trait("ring", "media")]
public sealed class FirewallTests
{
    [Fact]
    public async Task The_script_names_the_address_of_the_gateways() =>
        Assert.Contains(
            $"-d {PageGateway.Address} ",
            await File.ReadAllTextAsync(RepositoryRoot.Of("deploy/firewall")),
            StringComparison.Ordinal
        );

    [FactWithFirewall]
    public async Task The_browsers_user_sends_nothing_to_this_machine_but_to_the_gateways()
    {
        var script = RepositoryRoot.Of("deploy/firewall");
        var said = await ToolRun.OutputOfAsync(
            "unshare",
            "--net",
            "bash",
            "-c",
            $"""
            ip link set lo up
            '{script}' nobody && '{script}' nobody || exit 1
            setpriv --reuid=nobody --clear-groups bash -c 'echo x > /dev/udp/127.0.0.1/9' 2>&1 | grep -o 'not permitted'
            echo x > /dev/udp/127.0.0.1/9 && echo 'the node may'
            iptables -S recorder-pages | grep -c 'd {PageGateway.Address}/32 -p tcp -j ACCEPT'
            """
        );
        Assert.Equal("not permitted\nthe node may\n1", said.Trim());
    }
}

/// <summary>A test that sets rules of a firewall, in a network namespace of its own.</summary>
internal sealed class FactWithFirewallAttribute : FactAttribute
{
    public FactWithFirewallAttribute() =>
        Skip =
            !Environment.IsPrivilegedProcess ? "Rules of a firewall need root."
            : !File.Exists("/usr/sbin/iptables") ? "There is no iptables here."
            : null;
}
