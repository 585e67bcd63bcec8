using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

/// <summary>Inputs of very few elements: no share of them, no window and no count may round to nothing without a word.</summary>
public sealed class FewElementsTests
{
    private const int Count = 3;

    // Names by attack and norm: every attack of the library in every norm that it takes.
    public static TheoryData<string, long[]> Cases()
    {
        var cases = new TheoryData<string, long[]>();
        using var network = new Sides();
        foreach (var name in All(network).Keys)
            foreach (long[] shape in new long[][] { [1], [2], [10], [1, 1, 1], [1, 1, 2], [1, 2, 1] }) cases.Add(name, shape);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void An_attack_moves_or_names_what_forbids_it(string name, long[] shape)
    {
        using var network = new Sides();
        using var scope = NewDisposeScope();
        var x = full([Count, .. shape], 0.45f);
        var labels = zeros([Count], dtype: ScalarType.Int64);
        var attack = All(network)[name];
        try
        {
            using var result = attack.Run(network.Classifier(), x, labels);
            (result.Adversarial - x).abs().max().ToDouble().Should().BePositive("an attack that changes nothing says why");
        }
        catch (ArgumentException error)
        {
            error.ParamName.Should().NotBeNullOrEmpty();
            error.Message.Should().Contain(error.ParamName!);
        }
    }

    [Fact]
    public void Jsma_changes_at_least_one_pair()
    {
        using var network = new Sides();
        using var scope = NewDisposeScope();
        var x = full([Count, 10], 0.45f);
        using var result = new Jsma().Run(network.Classifier(), x, zeros([Count], dtype: ScalarType.Int64));
        Numbers.Of(result.Size).Should().OnlyContain(size => size == 2, "a tenth of ten elements is no pair, and one pair is the least");
        result.Met.all().ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void One_element_is_no_pair()
    {
        using var network = new Sides();
        using var scope = NewDisposeScope();
        var run = () => new Jsma().Run(network.Classifier(), full([Count, 1], 0.45f), zeros([Count], dtype: ScalarType.Int64));
        run.Should().Throw<ArgumentException>().WithMessage("*x must have at least 2 elements*pairs*(3, 1)*").WithParameterName("x");
    }

    [Fact]
    public void Noise_on_less_than_one_element_is_refused()
    {
        using var network = new Sides();
        using var scope = NewDisposeScope();
        var run = () => new Noise(0.5) { Norm = Norm.L0 }.Run(network.Classifier(), full([Count, 4], 0.45f), zeros([Count], dtype: ScalarType.Int64));
        run.Should().Throw<ArgumentOutOfRangeException>().WithMessage("*Epsilon*at least 1*0.5*").WithParameterName("Epsilon");
    }

    private static Dictionary<string, Attack> All(Sides network)
    {
        var attacks = new Dictionary<string, Attack>();
        foreach (var attack in AttackEffortTests.All.Select(attack => Own(attack, network)))
            foreach (var norm in new[] { Norm.L0, Norm.L1, Norm.L2, Norm.Linf })
                if (In(norm, attack) is { } made) attacks.Add($"{attack.GetType().Name} {norm}", Short(made));
        return attacks;
    }

    // The attacks of the list transfer from a network of digits, and know no other inputs.
    private static Attack Own(Attack attack, Sides network) => attack switch
    {
        Transfer => new Transfer(network.Classifier(), new Pgd(0.3)),
        TransferWithValidation => new TransferWithValidation(network.Classifier(), [network.Classifier()], new Pgd(0.3)),
        BudgetAttack budget => budget with { Epsilon = 0.3 },
        _ => attack,
    };

    private static Attack? In(Norm norm, Attack attack)
    {
        if (attack is Transfer or TransferWithValidation or WorstOf && norm != Norm.Linf) return null;   // theirs is that of their parts
        try { return attack is BudgetAttack budget ? budget with { Norm = norm, Epsilon = norm == Norm.L0 ? 1 : 0.3 } : attack with { Norm = norm }; }
        catch (ArgumentException) { return null; }
    }

    private static Attack Short(Attack attack) => attack switch
    {
        CarliniWagner cw => cw with { Steps = 60, SearchSteps = 3, Seed = 1 },
        OptMargin margin => margin with { Steps = 60, SearchSteps = 3, Seed = 1 },
        BoundaryAttack walk => walk with { Steps = 25, Seed = 1 },
        HopSkipJump jump => jump with { Steps = 2, Seed = 1 },
        Square square => square with { Candidates = 50, Seed = 1 },
        SparseRandomSearch search => search with { Candidates = 50, Seed = 1 },
        AutoAttackFast fast => fast with { Steps = 5, Candidates = 20, Seed = 1 },
        AutoAttackStandard standard => standard with { Steps = 5, Candidates = 20, Seed = 1 },
        AutoAttackRandomized random => random with { Steps = 5, Draws = 2, Seed = 1 },
        Spsa spsa => spsa with { Samples = 4, Steps = 10, Seed = 1 },
        Nes nes => nes with { Samples = 4, Steps = 10, Seed = 1 },
        Smallest smallest => new Smallest(new Pgd(0.3) { Norm = smallest.Norm, Steps = 10, Restarts = 1 }) { SearchSteps = 4, Seed = 1 },
        SmallestOf => new SmallestOf(new Ddn { Steps = 25 }) { Seed = 1 },
        Alma alma => alma with { Steps = 50, Seed = 1 },
        Ddn ddn => ddn with { Steps = 25, Seed = 1 },
        Fmn fmn => fmn with { Steps = 50, Seed = 1 },
        Pdpgd pdpgd => pdpgd with { Steps = 50, Seed = 1 },
        SigmaZero sigma => sigma with { Steps = 50, Seed = 1 },
        SuperDeepFool deep => deep with { Steps = 20, Rounds = 3, Seed = 1 },
        Apgd apgd => apgd with { Steps = 20, Seed = 1 },
        AdamPgd adam => adam with { Steps = 20, Seed = 1 },
        Fab fab => fab with { Steps = 20, Seed = 1 },
        Malt malt => malt with { Steps = 20, Seed = 1 },
        PgdL0 sparse => sparse with { Steps = 20, Restarts = 2, Seed = 1 },
        GeoDA plane => plane with { Queries = 300, Seed = 1 },
        RayS ray => ray with { Queries = 300, Seed = 1 },
        SimBA basis => basis with { Candidates = 50, Seed = 1 },
        Pgd pgd => pgd with { Steps = 20, Restarts = 1, Seed = 1 },
        CwPgd pgd => pgd with { Steps = 20, Restarts = 1, Seed = 1 },
        _ => attack with { Seed = 1 },
    };

    /// <summary>Two classes by the mean of the input, whatever its shape: logits (−s, s), s = 20·(mean − ½).</summary>
    private sealed class Sides : nn.Module<Tensor, Tensor>
    {
        internal Sides() : base(nameof(Sides)) => eval();

        internal Classifier Classifier() => new(this, Bounds.Unit);

        public override Tensor forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            var side = (x.flatten(1).mean([1], keepdim: true) - 0.5) * 20;
            return cat([-side, side], 1).MoveToOuterDisposeScope();
        }
    }
}
