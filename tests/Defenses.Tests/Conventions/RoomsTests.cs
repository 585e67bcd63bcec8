namespace Defenses.Tests.Conventions;

public sealed class RoomsTests
{
    private const string Samples = "Defenses.Tests.Conventions.Samples";

    [Theory]
    [InlineData("Defenses")]
    [InlineData("Defenses.Zoo")]
    public void The_rooms_of_a_folder_do_not_use_each_other_in_a_circle(string project) =>
        Rooms.Circles(Library.Types, Rooms.OfTypes(Repository.Under($"src/{project}", ".cs")
            .Select(path => (path[$"src/{project}/".Length..], Repository.Read(path))))).Should().BeEmpty();
}
