using Defenses.Attacks;
using Defenses.Models;
using Defenses.Tests.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Attacks;

public sealed class InputProgramTests
{
    [Theory]
    [InlineData(1, 2, 2)]
    [InlineData(2, 2, 3)]
    [InlineData(3, 3, 3)]
    [InlineData(4, 3, 4)]
    public void Every_kernel_brings_28_to_32_with_padding_as_even_as_can_be(int kernel, int left, int right)
    {
        using var program = new LocalProgram([1, 28, 28], [3, 32, 32], Bounds.Unit, kernel);
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([2, 1, 28, 28], seed: 1);
        var y = program.call(x);
        y.shape.Should().Equal(2, 3, 32, 32);
        (y.min().ToDouble() >= 0 && y.max().ToDouble() < 1).Should().BeTrue("tanh of what is not negative");
        program.parameters().Sum(parameter => parameter.numel()).Should().Be(32 * 32 * (3 * kernel * kernel + 3));
        // By hand at one position: the weights of that position on the patch that begins there.
        var (weight, bias) = (program.parameters().First(), program.parameters().Last());
        foreach (var (row, column) in new[] { (0, 0), (13, 7), (31, 31) })
            for (var filter = 0; filter < 3; filter++)
            {
                var sum = bias[row * 32 + column, 0, filter].ToDouble();
                for (var i = 0; i < kernel * kernel; i++)
                {
                    var (top, side) = (row + i / kernel - left, column + i % kernel - left);
                    if (top is >= 0 and < 28 && side is >= 0 and < 28) sum += weight[row * 32 + column, i, filter].ToDouble() * x[0, 0, top, side].ToDouble();
                }

                y[0, filter, row, column].ToDouble().Should().BeApproximately(Math.Tanh(Math.Max(0, sum)), 1e-5);
            }

        (left + right).Should().Be(32 + kernel - 1 - 28);
    }

    [Fact]
    public void Without_the_relu_the_whole_range_of_the_bounds_is_used()
    {
        using var program = new LocalProgram([1, 4, 4], [1, 5, 5], new Bounds(-1, 3), kernel: 2, rectified: false);
        using var scope = NewDisposeScope();
        using (no_grad()) program.parameters().First().mul_(50);
        var y = program.call(Numbers.Uniform([20, 1, 4, 4], seed: 1));
        y.min().ToDouble().Should().BeInRange(-1, -0.8);
        y.max().ToDouble().Should().BeInRange(2.8, 3);
    }

    [Fact]
    public void The_additive_program_puts_one_frame_around_every_image()
    {
        using var program = new AdditiveProgram([1, 3, 3], [2, 6, 7], Bounds.Unit);
        using var scope = NewDisposeScope();
        var x = Numbers.Uniform([4, 1, 3, 3], seed: 2);
        var y = program.call(x);
        y.shape.Should().Equal(4, 2, 6, 7);
        for (var channel = 0; channel < 2; channel++)
            (y.select(1, channel).narrow(1, 1, 3).narrow(2, 2, 3) - x.squeeze(1)).abs().max().ToDouble().Should()
                .BeLessThan(1e-6, "the image is in the middle, as it is");
        var frame = (program.parameters().Single().tanh() + 1) / 2;
        foreach (var column in new[] { 0, 1, 5, 6 }) (y.select(3, column) - frame.select(3, column)).abs().max().ToDouble().Should().BeLessThan(1e-6);
        program.Penalty()!.ToDouble().Should().BeApproximately(0.05 * program.parameters().Single().square().mean().ToDouble(), 1e-6);
    }

    [Fact]
    public void Images_and_sizes_that_do_not_fit_are_refused()
    {
        using var scope = NewDisposeScope();
        foreach (var create in new Func<InputProgram>[]
        {
            () => new LocalProgram([1, 4, 4], [1, 8, 8], Bounds.Unit, kernel: 5), () => new LocalProgram([1, 9, 9], [1, 6, 6], Bounds.Unit),
            () => new LocalProgram([4, 4], [1, 8, 8], Bounds.Unit), () => new AdditiveProgram([1, 9, 9], [1, 8, 8], Bounds.Unit),
            () => new AdditiveProgram([2, 4, 4], [3, 8, 8], Bounds.Unit), () => new AdditiveProgram([1, 4, 4], [3, 8, 8], Bounds.Unit, penalty: -1),
            () => new LocalProgram(null!, [1, 8, 8], Bounds.Unit),
        })
            create.Should().Throw<ArgumentException>();
        ((Action)(() => new LocalProgram([1, 4, 4], [1, 8, 8], Bounds.Unit).call(zeros(2, 1, 5, 4)))).Should().Throw<ArgumentException>()
            .WithMessage("*(N, 1, 4, 4)*");
    }

    [Fact]
    public void A_pass_leaves_no_tensor_behind_and_a_program_is_disposed_with_its_module()
    {
        using var x = Numbers.Uniform([2, 1, 4, 4], seed: 1);
        Leaks.None(() =>
        {
            using var local = new LocalProgram([1, 4, 4], [1, 6, 6], Bounds.Unit);
            using var additive = new AdditiveProgram([1, 4, 4], [1, 6, 6], Bounds.Unit);
            local.call(x).Dispose();
            additive.call(x).Dispose();
        });
    }
}
