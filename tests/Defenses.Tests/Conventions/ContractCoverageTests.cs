using System.Reflection;
using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Evaluation.Reporting;
using Defenses.Pages;
using Defenses.Metrics;
using Defenses.Models;
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

    [Fact]
    public void Each_view_keeps_the_contract_of_views()
    {
        // The probe answers no question about a gradient: it measures at the first one and ends the attack.
        var views = Library.Types.Where(type => !type.IsAbstract && Library.Derives(type, nameof(ModelView)))
            .Where(type => type != typeof(FirstGradientProbe)).ToList();
        views.Should().HaveCountGreaterThan(10);
        ContractCoverage.Missing(views, "ModelViewContract", Tests).Should().BeEmpty();
    }

    [Fact]
    public void Each_input_transform_keeps_the_contract_of_transforms()
    {
        var transforms = Library.Types.Where(type => !type.IsAbstract && Library.Derives(type, nameof(InputTransform))).ToList();
        transforms.Should().HaveCountGreaterThan(4);
        ContractCoverage.Missing(transforms, "InputTransformContract", Tests).Should().BeEmpty();
    }

    [Fact]
    public void No_state_belongs_to_a_thread()
    {
        // DrawFolding: a layer deep in a network learns how many draws are pending, and torch calls it with a tensor and nothing else. Set and
        // unset around one pass.
        string[] allowed = ["Defenses.Randomness.DrawFolding.t_pending"];
        var fields = Library.Types.SelectMany(type => type.GetFields(All)).Where(field => field.IsDefined(typeof(ThreadStaticAttribute), false)
            || AmbientTypes.Any(name => field.FieldType.FullName?.StartsWith(name, StringComparison.Ordinal) == true));
        fields.Select(field => $"{field.DeclaringType!.FullName}.{field.Name}").Should().BeEquivalentTo(allowed);
    }

    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly;

    private static readonly string[] AmbientTypes = ["System.Threading.AsyncLocal`1", "System.Threading.ThreadLocal`1", "System.LocalDataStoreSlot"];

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
