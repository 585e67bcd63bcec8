namespace Defenses.Tests.Conventions;

public sealed class RoomsTests
{
    [Theory]
    [InlineData("Defenses")]
    [InlineData("Defenses.Zoo")]
    [InlineData("Defenses.Onnx")]
    public void The_rooms_of_a_folder_do_not_use_each_other_in_a_circle(string project) =>
        Rooms.Circles(Library.Types, Rooms.OfTypes(Repository.Under($"src/{project}", ".cs")
            .Select(path => (path[$"src/{project}/".Length..], Repository.Read(path))))).Should().BeEmpty();

    [Fact]
    public void A_circle_is_named_with_a_pair_of_types_for_each_arrow()
    {
        var rooms = Map("First/East", "First/West", "First/North");
        Rooms.Circles([typeof(East), typeof(West), typeof(North)], rooms).Should().Equal(
            "First/East uses First/West (East uses West), First/West uses First/North (West uses North), First/North uses First/East (North uses East)");
    }

    [Fact]
    public void Rooms_of_different_folders_and_arrows_one_way_are_free()
    {
        Rooms.Circles([typeof(East), typeof(West), typeof(North)], Map("First/East", "First/West", "Second/North")).Should().BeEmpty();
        Rooms.Circles([typeof(East), typeof(West)], Map("First/East", "First/West", "First/North")).Should().BeEmpty();
    }

    [Fact]
    public void A_type_lies_in_the_room_of_the_file_that_declares_it() =>
        Rooms.OfTypes(
        [
            ("First/A.cs", "namespace N.First;\n\npublic sealed record A(int X);\n\ninternal readonly record struct B<T, U>(T X);\n"),
            ("First/Deep/C.cs", "namespace N.First;\n\ninternal delegate void C(int a);\n\npublic enum D { X }\n"),
        ]).Should().BeEquivalentTo(new Dictionary<string, string>
        {
            ["N.First.A"] = "First", ["N.First.B`2"] = "First", ["N.First.C"] = "First/Deep", ["N.First.D"] = "First/Deep",
        });

    private static Dictionary<string, string> Map(string east, string west, string north) => new()
    {
        [typeof(East).FullName!] = east, [typeof(West).FullName!] = west, [typeof(North).FullName!] = north,
    };
}

internal sealed class East
{
    internal West? Next { get; set; }
}

internal sealed class West
{
    internal North? Next { get; set; }
}

internal sealed class North
{
    internal East? Next { get; set; }
}
