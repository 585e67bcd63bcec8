using Defenses.Evaluation;
using Defenses.Evaluation.Checks;
using Defenses.Layers;
using Defenses.Pages;
using Defenses.Retrofit;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Defenses.Tests.Evaluation.Checks;

public sealed class FaultyActivationCheckTests : ModelCheckContract
{
    // As if torch's tanh did nothing of the kind: so the tests do not hang on a fault of one version.
    private static readonly Dictionary<Type, Func<nn.Module, Func<double, double>>> s_forms = new() { [typeof(Tanh)] = _ => x => 2 * x };

    protected override ModelCheck Subject => new FaultyActivationCheck(s_forms);

    protected override nn.Module<Tensor, Tensor> Broken() => Digits.Before(nn.Tanh());

    [Fact]
    public void It_says_which_module_gives_what_where_and_names_the_way_out()
    {
        using var network = Broken();
        var finding = Find(network, Checkup).Single();
        finding.Severity.Should().Be(Severity.Invalid);
        finding.Reason.Should().StartWith("Tanh at 'last0' gives wrong values: -1 for the input -8, where -16 is right.");
        finding.Action.Should().Contain("Replace<Tanh>").And.Contain("BoundedReLU").And.Contain("clamp");
    }

    [Fact]
    public void A_Hardtanh_of_this_version_is_found_before_all_else_and_its_replacement_is_sound()
    {
        using var network = Digits.Network(("bound", nn.Hardtanh(0, 1)));
        Run(network).Should().ContainSingle("the network would die in a pass, so no other check is made")
            .Which.Reason.Should().StartWith("Hardtanh at 'bound' returns its input: -8 for the input -8, where 0 is right.");
        using var probe = zeros(1, 1, 28, 28);
        using var report = network.Replace<Hardtanh>(_ => new BoundedReLU(1), probe);
        Run(network).Should().NotContain(finding => finding.Title == Subject.Title);
    }

    [Fact]
    public void What_a_hook_replaces_is_let_be()
    {
        using var network = Broken();
        var tanh = network.modules().OfType<Tanh>().Single();
        var hook = tanh.register_forward_hook((_, x, _) => x * 2);
        Find(network, Checkup).Should().BeEmpty();
        hook.remove();
    }

    [Fact]
    public void A_module_without_a_gradient_is_found_before_an_attack_ends_the_process()
    {
        using var network = Digits.Before(nn.Mish(inplace: true));
        var finding = Run(network).Should().ContainSingle().Subject;
        finding.Reason.Should().StartWith("Mish at 'last0' has no gradient");
        finding.Action.Should().Contain("inplace");
    }

    [Fact]
    public void Every_activation_that_it_knows_is_sound_in_this_version_but_Hardtanh()
    {
        nn.Module<Tensor, Tensor>[] modules =
        [
            nn.ReLU(), nn.ReLU6(), nn.LeakyReLU(0.2), nn.ELU(0.5), nn.Sigmoid(), nn.Tanh(), nn.SiLU(), nn.Mish(), nn.Hardsigmoid(), nn.Hardswish(),
            nn.Softsign(), nn.LogSigmoid(), nn.Tanhshrink(),
        ];
        modules.Select(module => module.GetType()).Append(typeof(Hardtanh)).Should().BeEquivalentTo(ActivationForms.All.Keys);
        using var network = Digits.Before(modules);
        Run(network).Should().NotContain(finding => finding.Title == Subject.Title);
    }

    private static IReadOnlyList<Finding> Run(nn.Module<Tensor, Tensor> network)
    {
        var checkup = new ModelCheckup(0.1) { Checks = [ModelCheck.FaultyActivation, ModelCheck.Logits, ModelCheck.Recognition], Seed = 5 };
        return checkup.Run(Digits.Classifier(network), Digits.Images(16));
    }
}
