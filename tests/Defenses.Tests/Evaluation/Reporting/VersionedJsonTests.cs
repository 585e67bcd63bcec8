using Defenses.Evaluation.Reporting;

namespace Defenses.Tests.Evaluation.Reporting;

public sealed class VersionedJsonTests
{
    private static readonly Document s_document = new("things/1", [1.5, 2], DayOfWeek.Monday);

    [Fact]
    public void A_document_comes_back_as_it_was()
    {
        var text = VersionedJson.Write(s_document);
        text.Should().Be("{\n \"schema\": \"things/1\",\n \"numbers\": [\n  1.5,\n  2\n ],\n \"day\": \"monday\"\n}\n");
        VersionedJson.Read<Document>(text, "things/1", "thing", "Make it anew.").Should().BeEquivalentTo(s_document);
    }

    [Theory]
    [InlineData("{\"schema\": \"things/2\"}", "The thing has schema 'things/2'; this version reads 'things/1'. Make it anew.")]
    [InlineData("{\"schema\": 1}", "The text is JSON, but no thing: it has no schema.")]
    [InlineData("[]", "The text is JSON, but no thing: it has no schema.")]
    [InlineData("{\"schema\": \"things/1\"}", "The text is not a whole thing: *")]
    [InlineData("{\"schema\": \"things/1\", ", "The text is not a whole thing: *")]
    public void What_is_no_document_of_the_schema_is_refused_with_what_to_do(string text, string sentence) =>
        FluentActions.Invoking(() => VersionedJson.Read<Document>(text, "things/1", "thing", "Make it anew.")).Should().Throw<InvalidDataException>()
            .WithMessage(sentence);

    [Fact]
    public void The_options_cannot_be_changed() =>
        FluentActions.Invoking(() => VersionedJson.Options.WriteIndented = false).Should().Throw<InvalidOperationException>();

    private sealed record Document(string Schema, IReadOnlyList<double> Numbers, DayOfWeek Day);
}
