using TorchSharp.Lite.Tests.NN;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Optim;

public sealed class OptimizerTests
{
    // Three steps on f(w) = Σ kᵢ (wᵢ − 1)², k = (1, 2, 3), from w = (0.5, −1, 2).
    private static List<float[]> Steps(Func<Parameter, OptimizerHelper> make, int count = 3)
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(Expect.Floats(0.5f, -1, 2));
        using var optimizer = make(parameter);
        var path = new List<float[]>();
        for (var i = 0; i < count; i++)
        {
            Step(parameter, optimizer);
            path.Add(parameter.Values());
        }
        return path;
    }

    private static void Step(Parameter parameter, OptimizerHelper optimizer)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        (Expect.Floats(1, 2, 3) * (parameter - 1).pow(2)).sum().backward();
        optimizer.step();
    }

    [Theory]
    [InlineData("sgd_lr0.1_momentum0.9_nesterov_wd0.01")]
    [InlineData("adam_lr0.1")]
    public void Three_steps_end_where_TorchSharps_end(string key)
    {
        var path = Steps(parameter => key.StartsWith("sgd", StringComparison.Ordinal)
            ? optim.SGD([parameter], 0.1, momentum: 0.9, weight_decay: 0.01, nesterov: true)
            : optim.Adam([parameter], 0.1));
        var expected = Expect.Written(key).EnumerateArray().Select(step => step.Numbers()).ToList();
        path.Should().HaveCount(3);
        for (var i = 0; i < 3; i++) path[i].Should().Equal(expected[i]);
    }

    [Fact]
    public void Plain_descent_moves_against_the_gradient_and_maximising_along_it()
    {
        Steps(p => optim.SGD([p], 0.1), 1)[0].Should().Equal([0.6f, -0.2f, 1.4f], (a, b) => Math.Abs(a - b) < 1e-6);
        Steps(p => optim.SGD([p], 0.1, maximize: true), 1)[0].Should().Equal([0.4f, -1.8f, 2.6f], (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void Dampening_weakens_every_gradient_after_the_first()
    {
        var path = Steps(p => optim.SGD([p], 0.1, momentum: 0.5, dampening: 0.25), 2);
        // w₀ = 0.5: g = −1, buffer −1, w = 0.6; g = −0.8, buffer = 0.5·(−1) + 0.75·(−0.8) = −1.1, w = 0.71
        path[1][0].Should().BeApproximately(0.71f, 1e-6f);
    }

    [Fact]
    public void Decoupled_decay_shrinks_the_weights_themselves()
    {
        var plain = Steps(p => optim.Adam([p], 0.1), 1)[0];
        var decayed = Steps(p => optim.AdamW([p], 0.1, weight_decay: 0.5), 1)[0];
        float[] start = [0.5f, -1, 2];
        for (var i = 0; i < 3; i++) decayed[i].Should().BeApproximately(plain[i] - 0.05f * start[i], 1e-6f);
    }

    [Fact]
    public void Adam_adds_its_decay_to_the_gradient()
    {
        // the first step of Adam has the size of the rate whatever the gradient; only its sign counts: −1 + 5·0.5 > 0
        var path = Steps(p => optim.Adam([p], 0.1, weight_decay: 5), 1)[0];
        path[0].Should().BeApproximately(0.4f, 1e-5f);
    }

    [Fact]
    public void Amsgrad_divides_by_the_largest_moment()
    {
        static List<float> Path(bool amsgrad)
        {
            using var scope = NewDisposeScope();
            var parameter = nn.Parameter(Expect.Floats(0));
            using var optimizer = optim.Adam([parameter], 0.1, beta2: 0.5, amsgrad: amsgrad);
            var path = new List<float>();
            foreach (var gradient in (float[])[4, 0])
            {
                parameter.grad = Expect.Floats(gradient);
                optimizer.step();
                path.Add(parameter.Values()[0]);
            }
            return path;
        }
        // second step: m = 0.9·0.4 = 0.36, m̂ = 0.36/0.19; v = 4 or, kept, 8; v̂ = v / 0.75
        Path(false)[1].Should().BeApproximately(-0.1f - 0.1f * (float)(0.36 / 0.19 / Math.Sqrt(4 / 0.75)), 1e-6f);
        Path(true)[1].Should().BeApproximately(-0.1f - 0.1f * (float)(0.36 / 0.19 / Math.Sqrt(8 / 0.75)), 1e-6f);
    }

    [Fact]
    public void Adadelta_follows_its_recursion()
    {
        var path = Steps(p => optim.Adadelta([p], lr: 1, rho: 0.9, eps: 1e-6), 3);
        var (w, square, delta) = (0.5, 0.0, 0.0);
        for (var i = 0; i < 3; i++)
        {
            var gradient = 2 * (w - 1);
            square = 0.9 * square + 0.1 * gradient * gradient;
            var change = Math.Sqrt(delta + 1e-6) / Math.Sqrt(square + 1e-6) * gradient;
            delta = 0.9 * delta + 0.1 * change * change;
            w -= change;
            path[i][0].Should().BeApproximately((float)w, 1e-6f);
        }
    }

    [Fact]
    public void Zero_grad_writes_zeros()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(Expect.Floats(1, 2));
        using var optimizer = optim.SGD([parameter], 0.1);
        parameter.sum().backward();
        optimizer.zero_grad();
        parameter.grad!.Values().Should().Equal(0, 0);
    }

    [Fact]
    public void Parameters_without_gradient_stay()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(Expect.Floats(1));
        using var optimizer = optim.SGD([parameter], 0.1, weight_decay: 1);
        optimizer.step();
        parameter.Values().Should().Equal(1);
    }

    [Fact]
    public void Groups_have_rates_of_their_own_and_take_the_rest_from_the_defaults()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (nn.Parameter(Expect.Floats(1)), nn.Parameter(Expect.Floats(1)));
        using var optimizer = optim.SGD([new SGD.ParamGroup { Parameters = [a] }], 0.5);
        optimizer.add_param_group(new SGD.ParamGroup([b], lr: 0.25));
        optimizer.ParamGroups.Select(group => group.LearningRate).Should().Equal(0.5, 0.25);
        optimizer.parameters().Should().Equal(a, b);
        (a.sum() + b.sum()).backward();
        optimizer.step();
        (a.Values()[0], b.Values()[0]).Should().Be((0.5f, 0.75f));
        foreach (var group in optimizer.ParamGroups) group.LearningRate = 0;
        optimizer.step();
        (a.Values()[0], b.Values()[0]).Should().Be((0.5f, 0.75f));
    }

    [Fact]
    public void A_closure_computes_the_loss_with_gradients_and_is_returned()
    {
        using var scope = NewDisposeScope();
        var parameter = nn.Parameter(Expect.Floats(3));
        using var optimizer = optim.SGD([parameter], 0.1);
        using var untracked = no_grad();
        var loss = optimizer.step(() =>
        {
            var value = parameter.pow(2).sum();
            value.backward();
            return value;
        });
        loss!.ToSingle().Should().Be(9);
        parameter.Values()[0].Should().BeApproximately(2.4f, 1e-6f);
    }

    [Fact]
    public void Bad_options_are_refused()
    {
        using var parameter = nn.Parameter(Expect.Floats(3));
        ((Action)(() => optim.SGD([parameter], -1))).Should().Throw<ArgumentException>();
        ((Action)(() => optim.SGD([parameter], 1, nesterov: true))).Should().Throw<ArgumentException>();
        ((Action)(() => optim.Adam([parameter], beta1: 1))).Should().Throw<ArgumentException>();
        ((Action)(() => optim.Adadelta([parameter], rho: 2))).Should().Throw<ArgumentException>();
    }

    public static TheoryData<string> Kinds => ["sgd", "adam", "adamw", "adadelta"];

    private static OptimizerHelper Make(string kind, Parameter parameter) => kind switch
    {
        "sgd" => optim.SGD([parameter], 0.1, momentum: 0.9),
        "adam" => optim.Adam([parameter], 0.1, amsgrad: true),
        "adamw" => optim.AdamW([parameter], 0.1, weight_decay: 0.1),
        _ => optim.Adadelta([parameter]),
    };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Training_continues_from_saved_state_as_if_it_had_not_stopped(string kind)
    {
        using var scope = NewDisposeScope();
        var whole = Steps(parameter => Make(kind, parameter), 5)[4];
        var first = nn.Parameter(Expect.Floats(0.5f, -1, 2));
        using var before = Make(kind, first);
        for (var i = 0; i < 2; i++) Step(first, before);
        using var stream = new MemoryStream();
        before.save_state_dict(new BinaryWriter(stream));
        var second = nn.Parameter(first.detach().clone());
        using var after = Make(kind, second);
        stream.Position = 0;
        after.load_state_dict(new BinaryReader(stream));
        for (var i = 0; i < 3; i++) Step(second, after);
        second.Values().Should().Equal(whole);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void State_is_copied_between_optimizers(string kind)
    {
        using var scope = NewDisposeScope();
        var first = nn.Parameter(Expect.Floats(0.5f, -1, 2));
        using var before = Make(kind, first);
        Step(first, before);
        var second = nn.Parameter(first.detach().clone());
        using var after = Make(kind, second);
        after.load_state_dict(before.state_dict());
        after.state_dict().State.Single().ApproximatelyEquals(before.state_dict().State.Single()).Should().BeTrue();
        Step(first, before);
        Step(second, after);
        second.Values().Should().Equal(first.Values());
    }

    [Fact]
    public void State_of_another_optimizer_is_refused()
    {
        using var parameter = nn.Parameter(Expect.Floats(1));
        using var sgd = optim.SGD([parameter], 0.1);
        using var adam = optim.Adam([parameter]);
        using var stream = new MemoryStream();
        adam.save_state_dict(new BinaryWriter(stream));
        stream.Position = 0;
        ((Action)(() => sgd.load_state_dict(new BinaryReader(stream)))).Should().Throw<InvalidDataException>().WithMessage("*Adam*");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Steps_leave_no_tensor_and_no_graph(string kind) => Expect.NoTensorLeft(() =>
    {
        using var data = Expect.Floats(1, 2, 3);
        using var parameter = nn.Parameter(data);
        using var optimizer = Make(kind, parameter);
        for (var i = 0; i < 3; i++) Step(parameter, optimizer);
        parameter.is_leaf.Should().BeTrue();
        parameter.requires_grad.Should().BeTrue();
    });

    [Fact]
    public void Gradients_are_clipped_together_to_a_norm()
    {
        using var scope = NewDisposeScope();
        var (a, b) = (nn.Parameter(Expect.Floats(0)), nn.Parameter(Expect.Floats(0)));
        a.grad = Expect.Floats(3);
        b.grad = Expect.Floats(4);
        nn.utils.clip_grad_norm_([a, b], 10).Should().BeApproximately(5, 1e-6);
        a.grad!.Values().Should().Equal(3);
        nn.utils.clip_grad_norm_([a, b], 1).Should().BeApproximately(5, 1e-6);
        a.grad!.ShouldHold(0.6f);
        b.grad!.ShouldHold(0.8f);
        nn.utils.clip_grad_value_([a, b], 0.7);
        b.grad!.ShouldHold(0.7f);
    }
}
