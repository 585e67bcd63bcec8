using System.Text.Json.Nodes;
using Defenses.Evaluation;
using Defenses.Pages;

namespace Defenses.Tests.Evaluation.Reporting;

public sealed class ReportJsonTests
{
    private static readonly EvaluationReport Report = SampleReport.Make(64, 5, 3);

    [Fact]
    public void A_report_comes_back_from_json_as_it_was()
    {
        var json = Report.ToJson();
        var back = EvaluationReport.FromJson(json);
        back.ToJson().Should().Be(json);
        back.ToHtml().Should().Be(Report.ToHtml());
        back.Settings.Seed.Should().Be(ulong.MaxValue);
        back.Examples[0].Clean.Should().Equal(Report.Examples[0].Clean);
        back.Defenses[1].Strengths[0].Worst.Efficiency.Should().Be(Report.Defenses[1].Strengths[0].Worst.Efficiency);
    }

    [Fact]
    public void The_names_of_the_schema_are_those_of_the_documentation()
    {
        var page = Conventions.Repository.Read("docs/evaluation.md");
        var names = new HashSet<string>();
        Collect(JsonNode.Parse(Report.ToJson())!, names);
        names.Should().Contain(["schema", "worstOfK", "outsideBudget"]);
        names.Should().OnlyContain(name => page.Contains($"`{name}`"), "docs/evaluation.md describes every field");
    }

    [Fact]
    public void Numbers_that_do_not_exist_are_null_and_enumerations_are_words()
    {
        var root = JsonNode.Parse((Report with { Findings = [new Finding(Severity.Warning, "a", "b", "c")] }).ToJson())!;
        root["findings"]![0]!["severity"]!.GetValue<string>().Should().Be("warning");
        root["defenses"]![0]!["accuracyLoss"].Should().BeNull();
        root["settings"]!["seed"]!.GetValue<string>().Should().Be("18446744073709551615", "a number would lose digits in other languages");
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("report")]
    [InlineData("{\"schema\":\"defenses.evaluation/1\"}")]
    [InlineData("{\"schema\":\"defenses.evaluation/1\",\"title\":null,\"settings\":null,\"defenses\":null}")]
    [InlineData("{\"schema\":7}")]
    public void What_is_no_report_is_refused(string text)
    {
        FluentActions.Invoking(() => EvaluationReport.FromJson(text)).Should().Throw<InvalidDataException>();
    }

    [Fact]
    public void A_torn_or_tampered_report_or_one_of_another_schema_is_refused()
    {
        var json = Report.ToJson();
        FluentActions.Invoking(() => EvaluationReport.FromJson(json[..(json.Length / 2)])).Should().Throw<InvalidDataException>()
            .WithMessage("*not a whole report*");
        FluentActions.Invoking(() => EvaluationReport.FromJson(json.Replace("evaluation/1", "evaluation/9"))).Should().Throw<InvalidDataException>()
            .WithMessage("*evaluation/9*");
        FluentActions.Invoking(() => EvaluationReport.FromJson(json.Replace("\"trials\": 64", "\"trials\": 0"))).Should().Throw<InvalidDataException>();
        FluentActions.Invoking(() => EvaluationReport.FromJson(null!)).Should().Throw<ArgumentNullException>();
    }

    private static void Collect(JsonNode? node, HashSet<string> names)
    {
        if (node is JsonArray list) foreach (var item in list) Collect(item, names);
        if (node is not JsonObject thing) return;
        foreach (var (name, value) in thing)
        {
            names.Add(name);
            Collect(value, names);
        }
    }
}
