using System.Runtime.InteropServices;
using Defenses.Tests.Contracts;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Defenses.Tests.Reference;

/// <summary>Every activation of torch that a network may have computes its closed form, forward and backward: a silent
/// fault of a version is found by name.</summary>
public sealed class ActivationTests : IDisposable
{
    // Off the kinks of every activation, near and far from 0.
    private static readonly double[] s_grid = [.. Enumerable.Range(-40, 81).Select(i => i * 0.2371 + 0.0193)];

    private readonly DisposeScope _scope = NewDisposeScope();

    public static TheoryData<string> Names => [.. Activation.All.Keys];

    public void Dispose() => _scope.Dispose();

    [Theory, MemberData(nameof(Names))]
    public void Each_form_computes_the_closed_form_and_its_slope(string name)
    {
        const double Step = 1e-5;
        var closed = Activation.All[name].Closed;
        double[] values = [.. s_grid.Select(closed)];
        double[] slopes = [.. s_grid.Select(x => (closed(x + Step) - closed(x - Step)) / (2 * Step))];
        foreach (var (form, compute) in Activation.All[name].Forms)
            foreach (var (dtype, tolerance) in new[] { (ScalarType.Float64, 1e-7), (ScalarType.Float32, 2e-5) })
            {
                var leaf = tensor(s_grid, dtype: dtype).requires_grad_(true);
                var output = compute(leaf * 1);   // some forms write to their input
                Same(output, values, tolerance, $"{name}, {form}, {dtype}");
                output.sum().backward();   // throws where autograd.grad would end the process
                using var gradient = leaf.grad;
                Same(gradient!, slopes, Math.Max(tolerance, 1e-6), $"the gradient of {name}, {form}, {dtype}");
            }
    }

    [Fact]
    public void Functions_of_several_elements_compute_their_closed_forms()
    {
        var rows = tensor(s_grid[..80], dtype: ScalarType.Float64).view(2, 10, 4);
        var ratios = Softmax(rows, 1);
        foreach (var form in new[] { nn.Softmax(1).call(rows), F.softmax(rows, 1), rows.softmax(1), torch.softmax(rows, 1) }) Same(form, ratios, 1e-12,
            "softmax");
        foreach (var form in new[] { nn.LogSoftmax(1).call(rows), F.log_softmax(rows, 1), rows.log_softmax(1) }) Same(form,
            [.. ratios.Select(ratio => Math.Log(ratio))], 1e-9, "log-softmax");
        foreach (var form in new[] { nn.Softmin(1).call(rows), F.softmin(rows, 1) }) Same(form, Softmax(-rows, 1), 1e-12, "softmin");
        var images = rows.unsqueeze(3);   // (2, 10, 4, 1)
        foreach (var form in new[] { nn.Softmax2d().call(images), F.softmax2d(images) }) Same(form, ratios, 1e-12, "softmax2d");
        double[] gated = [.. Enumerable.Range(0, 40).Select(i => (Row: i / 20, Place: i % 20))
            .Select(at => s_grid[at.Row * 40 + at.Place] / (1 + Math.Exp(-s_grid[at.Row * 40 + at.Place + 20])))];
        foreach (var form in new[] { nn.GLU(1).call(rows), F.glu(rows, 1), rows.glu(1) }) Same(form, gated, 1e-12, "glu");
    }

    /// <summary>An upstream fault. When this test fails, upstream has mended it: delete it, move hardtanh into <see cref="Activation.All"/>, and take the
    /// workaround out of BoundedReLU.</summary>
    [Fact]
    public void Hardtanh_of_TorchSharp_0_107_0_hands_its_input_back_unless_it_works_in_place()
    {
        const string Mended =
            "TorchSharp has mended hardtanh: remove the workaround in BoundedReLU, the words on Hardtanh in LostTensor and docs/evaluation.md, and this test";
        var x = tensor(s_grid);
        foreach (var output in new[] { nn.Hardtanh(-2, 3).call(x), F.hardtanh(x, -2, 3), x.hardtanh(-2, 3) }) Numbers.Of(output).Should()
            .Equal(Numbers.Of(x), Mended);
    }

    /// <summary>An upstream fault. When this test fails, upstream has mended it: move the forms into <see cref="Activation.All"/>.</summary>
    [Fact]
    public void Mish_and_softsign_of_TorchSharp_0_107_0_have_no_gradient_in_place()
    {
        foreach (var module in new nn.Module<Tensor, Tensor>[] { nn.Mish(inplace: true), nn.Softsign(true) })
        {
            var leaf = tensor(s_grid).requires_grad_(true);
            var loss = module.call(leaf * 1).sum();
            FluentActions.Invoking(() => loss.backward()).Should().Throw<ExternalException>("otherwise TorchSharp has mended it")
                .WithMessage("*modified by an inplace operation*");
        }
    }

    [Fact]
    public void Mish_softsign_and_tanhshrink_in_place_compute_their_closed_forms()
    {
        Same(nn.Mish(inplace: true).call(tensor(s_grid)), [.. s_grid.Select(Activation.All["mish"].Closed)], 1e-7, "mish in place");
        Same(nn.Softsign(true).call(tensor(s_grid)), [.. s_grid.Select(Activation.All["softsign"].Closed)], 1e-7, "softsign in place");
        Same(nn.Tanhshrink(inplace: true).call(tensor(s_grid)), [.. s_grid.Select(Activation.All["tanhshrink"].Closed)], 1e-7, "tanhshrink in place");
    }

    [Fact]
    public void Every_activation_module_of_torch_is_compared()
    {
        Type[] others = [typeof(Softmax), typeof(LogSoftmax), typeof(Softmin), typeof(Softmax2d), typeof(GLU)];
        var known = Activation.All.Values.Select(activation => activation.Type).OfType<Type>().Concat(others).ToHashSet();
        var made = typeof(nn).GetMethods().Where(method => method.DeclaringType == typeof(nn) && method.ReturnType.Namespace == "TorchSharp.Modules")
            .Select(method => method.ReturnType);
        var without = made.Distinct().Where(type => !known.Contains(type) && s_activationWords.Any(word => type.Name.Contains(word, StringComparison.Ordinal))
            && !type.Name.EndsWith("Loss", StringComparison.Ordinal));
        without.Select(type => type.Name).Should().BeEmpty("a silent fault in one of them would not be found");
    }

    private static readonly string[] s_activationWords = ["LU", "Sigmoid", "Tanh", "tanh", "Soft", "Hard", "hrink", "Mish", "Threshold"];

    private static double[] Softmax(Tensor x, long dim) => Of(x.exp() / x.exp().sum(dim, keepdim: true));

    private static double[] Of(Tensor x) => x.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

    private static void Same(Tensor found, double[] right, double tolerance, string what)
    {
        var numbers = Of(found);
        numbers.Should().HaveCount(right.Length, what);
        for (var i = 0; i < right.Length; i++)
            (Math.Abs(numbers[i] - right[i]) <= tolerance * (1 + Math.Abs(right[i]))).Should()
                .BeTrue($"{what}: {right[i]:G9} is right for element {i}; it is {numbers[i]:G9}");
    }
}
