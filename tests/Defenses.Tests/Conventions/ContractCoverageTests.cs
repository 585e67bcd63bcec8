using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Tests.Conventions.Samples.Contracts;

namespace Defenses.Tests.Conventions;

public sealed class ContractCoverageTests
{
    private static readonly Type[] Tests = typeof(ContractCoverageTests).Assembly.GetTypes();

    [Fact]
    public void Each_layer_keeps_the_contract_of_layers() =>
        Missing("Layers", type => Library.Derives(type, "Module"), "LayerContract").Should().BeEmpty();

    [Fact]
    public void Each_attack_keeps_the_contract_of_attacks() => Missing("Attacks", type => Library.Derives(type, "Attack"), "AttackContract").Should().BeEmpty();

    [Fact]
    public void Each_metric_keeps_the_contract_of_metrics() =>
        Missing("Metrics", type => type.IsAbstract && type.IsSealed, "MetricContract").Should().BeEmpty();

    [Fact]
    public void Each_detector_keeps_the_contract_of_detectors() =>
        Missing("Detection", type => Library.Derives(type, "Detector"), "DetectorContract").Should().BeEmpty();

    // Checks are named instances whose classes are internal. One class can have several, each with a contract of its own.
    [Fact]
    public void Each_check_keeps_the_contract_of_checks()
    {
        Check[] named = [.. ModelCheck.All, .. ReportCheck.All];
        var classes = Library.Types.Where(type => Library.Derives(type, "Check") && !type.IsAbstract);
        named.Select(check => check.GetType()).Distinct().Should().BeEquivalentTo(classes, "a check without a name is found by nobody");
        ContractCoverage.Untested(named, Tests).Should().BeEmpty();
    }

    [Fact]
    public void A_check_whose_contract_nobody_tests_is_named() =>
        ContractCoverage.Untested([ReportCheck.FewDraws, new Untested()], Tests).Should().ContainSingle().Which.Should().Contain("'nothing at all'");

    [Theory]
    [InlineData(typeof(ByArgument), false)]
    [InlineData(typeof(ByName), false)]
    [InlineData(typeof(WithoutContract), true)]
    [InlineData(typeof(WithAbstractTestsOnly), true)]
    [InlineData(typeof(WithoutTests), true)]
    public void A_type_whose_contract_nobody_tests_is_named(Type subject, bool missing) =>
        ContractCoverage.Missing([subject], "SampleContract", Tests).Any(sentence => sentence.Contains(subject.Name)).Should().Be(missing);

    private sealed class Untested : ReportCheck
    {
        public override string Title => "nothing at all";

        protected override IEnumerable<Finding> InspectCore(EvaluationReport report) => [];
    }

    // A folder that has public types but none of the kind that the contract is for would pass without a look: that is a failure, too.
    private static IEnumerable<string> Missing(string folder, Func<Type, bool> isSubject, string contract)
    {
        var types = Library.Types.Where(type => type.IsPublic && type.Namespace == "Defenses." + folder).ToList();
        var subjects = types.Where(type => isSubject(type) && (!type.IsAbstract || type.IsSealed)).ToList();
        return types.Count > 0 && subjects.Count == 0
            ? [$"Defenses.{folder} has public types, but none that {contract} would be for."]
            : ContractCoverage.Missing(subjects, contract, Tests);
    }
}
