using System.Collections;
using Recorder.Node.Configuration;
using Recorder.Node.Delivery;
using Recorder.Node.Delivery.Transfer;

namespace Recorder.Node.Tests.Delivery;

public sealed class DestinationCheckTests
{
    private const string Print = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU";

    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "Archive", "Kind=Folder;Path=/mnt", "lower-case letters" },
            { "command", "Kind=Folder;Path=/mnt", "is not command" },
            { "archive", "Path=/mnt", "Destinations:archive:Kind is missing" },
            { "archive", "Kind=Folder", "Destinations:archive:Path is \"\"" },
            { "archive", "Kind=Folder;Path=mnt", "absolute path" },
            { "archive", "Kind=Folder;Path=/mnt;Name={nonsense}", "{nonsense}" },
            { "archive", "Kind=Folder;Path=/mnt;What=record, film", "Destinations:archive:What" },
            { "upload", "Kind=Put;Endpoint=https://u.example.org/", "Endpoint is of no use" },
            { "upload", "Kind=Put;Secret=https://u.example.org/up", "has no {name}" },
            { "upload", "Kind=Put;Secret=file:///{name}", "no http or https address" },
            { "upload", "Kind=Put;Headers=x y: 1", "Destinations:upload:Headers" },
            { "files", "Kind=Sftp;User=u;Secret=s;HostKey=" + Print, "files:Endpoint must be a server" },
            { "files", "Kind=Sftp;Endpoint=sftp://u@f/;User=u;Secret=s;HostKey=" + Print, "without user and path" },
            { "files", "Kind=Sftp;Endpoint=sftp://f/x;User=u;Secret=s;HostKey=" + Print, "without user and path" },
            { "files", "Kind=Sftp;Endpoint=sftp://f;Secret=s;HostKey=" + Print, "User is empty" },
            { "files", "Kind=Sftp;Endpoint=sftp://f;User=u;HostKey=" + Print, "needs KeyFile, or Secret" },
            { "files", "Kind=Sftp;Endpoint=sftp://f;User=u;Secret=s", "ssh-keygen -lf" },
            { "files", "Kind=Sftp;Endpoint=sftp://f;User=u;Secret=s;HostKey=MD5:00", "ssh-keygen -lf" },
            { "files", "Kind=Sftp;Endpoint=sftp://f;User=u;KeyFile=k;HostKey=" + Print, "no absolute path" },
            { "cloud", "Kind=WebDav", "Destinations:cloud:Endpoint must be" },
            { "cloud", "Kind=WebDav;Endpoint=https://u:p@c.example.org/", "without user" },
            { "cloud", "Kind=WebDav;Endpoint=https://c.example.org/;User=u", "User together with Secret" },
            { "cloud", "Kind=WebDav;Endpoint=https://c.example.org/;Secret=s", "User together with Secret" },
            { "cloud", "Kind=WebDav;Endpoint=https://c.example.org/;User=a:b;Secret=s", "has a colon" },
            { "cloud", "Kind=WebDav;Endpoint=https://c.example.org/x;Nextcloud=true", "/dav/files/USER" },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_destination_that_makes_no_sense_keeps_a_node_from_starting(string name, string values, string told) =>
        Assert.Contains(
            told,
            string.Join('\n', DestinationCheck.Problems(new DeliveryOptions(), Read(name, values))),
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("/srv/records", true)]
    [InlineData("/srv/records/", true)]
    [InlineData("/srv/records/archive", true)]
    [InlineData("/srv/x/../data/a", true)]
    [InlineData("/srv", true)]
    [InlineData("/", true)]
    [InlineData("/srv/records-archive", false)]
    [InlineData("/mnt/archive", false)]
    public void A_folder_that_meets_a_folder_of_the_node_keeps_the_node_from_starting(string path, bool refused)
    {
        var problems = DestinationCheck.Problems(
            new DeliveryOptions(),
            Read("archive", $"Kind=Folder;Path={path}"),
            "/srv/records",
            "/srv/data"
        );

        Assert.Equal(refused, problems.Any());
        Assert.All(problems, told => Assert.Contains("Destinations:archive:Path", told, StringComparison.Ordinal));
    }

    [Fact]
    public void A_link_into_a_folder_of_the_node_keeps_the_node_from_starting()
    {
        using var folder = new TestFolder();
        var records = Directory.CreateDirectory(Path.Join(folder.Root, "records", "inner")).Parent!.FullName;
        File.CreateSymbolicLink(Path.Join(folder.Root, "link"), "records/inner");
        File.CreateSymbolicLink(Path.Join(folder.Root, "again"), Path.Join(folder.Root, "link"));

        Assert.Contains(
            "meets the node's own folder",
            Assert.Single(
                DestinationCheck.Problems(
                    new DeliveryOptions(),
                    Read("archive", $"Kind=Folder;Path={folder.Root}/again/x"),
                    records
                )
            ),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void A_destination_is_read_from_the_environment_and_checked()
    {
        var read = Read("archive", "Kind=folder;Path=/mnt/archive;Bandwidth=5 MB;Timeout=10 s");

        Assert.Empty(DestinationCheck.Problems(new DeliveryOptions { Default = ["archive"] }, read));
        var archive = read.Destinations["archive"];
        Assert.Equal(
            (DestinationKind.Folder, "/mnt/archive", 5_000_000, TimeSpan.FromSeconds(10)),
            (archive.Kind, archive.Path, archive.Bandwidth.Bytes, archive.Timeout)
        );
    }

    [Fact]
    public void An_option_that_no_destination_has_is_refused() =>
        Assert.Contains(
            "Destinations:archive:Folder",
            Assert.Throws<StartRefusedException>(() => Read("archive", "Folder=/mnt")).Message,
            StringComparison.Ordinal
        );

    [Theory]
    [InlineData("archive", "there is no such destination")]
    [InlineData("command", "Delivery:Command is empty")]
    public void A_default_that_names_no_destination_is_refused(string to, string told) =>
        Assert.Contains(
            told,
            Assert.Single(DestinationCheck.Problems(new DeliveryOptions { Default = [to] }, new DestinationsOptions())),
            StringComparison.Ordinal
        );

    [Fact]
    public void A_default_whose_addresses_each_start_must_give_is_refused() =>
        Assert.Contains(
            "to which each start must give addresses",
            Assert.Single(
                DestinationCheck.Problems(new DeliveryOptions { Default = ["upload"] }, Read("upload", "Kind=Put"))
            ),
            StringComparison.Ordinal
        );

    [Fact]
    public void The_default_goes_after_the_command()
    {
        var list = Destinations.Of(
            new DeliveryOptions { Command = "/bin/true", Default = ["archive", "command"] },
            Read("archive", "Kind=Folder;Path=/mnt;What=record")
        );

        Assert.Equal(["command", "archive"], list.Default);
        Assert.Equal(["command", "archive"], list.All.Select(one => one.To));
        Assert.Equal("folder", list.Find("archive")!.Kind);
    }

    private static DestinationsOptions Read(string name, string values)
    {
        var environment = new Hashtable();
        foreach (var pair in values.Split(';'))
        {
            var (key, value) = (pair.Split('=', 2)[0], pair.Split('=', 2)[1]);
            environment[$"RECORDER_Destinations__{name}__{key}"] = value;
        }
        return RecorderSettings.Bind(NodeConfiguration.Read(null, environment, [], out _)).Destinations;
    }
}
