using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class ArithmeticTests : TensorTest
{
    [Fact]
    public void Operators_take_numbers_on_either_side()
    {
        var x = tensor(new[] { 1.0, 2.0, 4.0 });
        ShouldBe(x + 1, 2, 3, 5);
        ShouldBe(1L + x, 2, 3, 5);
        ShouldBe(x - 0.5, 0.5, 1.5, 3.5);
        ShouldBe(8f - x, 7, 6, 4);
        ShouldBe(x * 2f, 2, 4, 8);
        ShouldBe(2.0 * x, 2, 4, 8);
        ShouldBe(x / 2, 0.5, 1, 2);
        ShouldBe(8 / x, 8, 4, 2);
        ShouldBe(-x, -1, -2, -4);
        ShouldBe(x % 3, 1, 2, 1);
    }

    [Fact]
    public void Two_tensors_are_broadcast_against_each_other()
    {
        var column = tensor(new[] { 1.0, 2.0 }).reshape(2, 1);
        var row = tensor(new[] { 10.0, 20.0, 30.0 });
        ShouldHaveShape(column * row, 2, 3);
        ShouldBe(column * row, 10, 20, 30, 20, 40, 60);
        ShouldBe(row / column, 10, 20, 30, 5, 10, 15);
    }

    [Fact]
    public void A_number_does_not_change_the_dtype_of_a_floating_point_tensor()
    {
        (ones(2) * 2.0).dtype.Should().Be(float32);
        (ones(2, dtype: float64) * 2f).dtype.Should().Be(float64);
        (ones(2, dtype: int64) * 2).dtype.Should().Be(int64);
        (ones(2, dtype: int64) * 0.5).dtype.Should().Be(float32);
        (ones(2, dtype: int32) / ones(2, dtype: int32)).dtype.Should().Be(float32);
    }

    [Theory]
    [InlineData(RoundingMode.floor, -4.0, 3.0)]
    [InlineData(RoundingMode.trunc, -3.0, 3.0)]
    [InlineData(RoundingMode.None, -3.5, 3.5)]
    public void Division_rounds_as_it_is_told(RoundingMode mode, double negative, double positive)
    {
        var x = tensor(new[] { -7.0, 7.0 });
        ShouldBe(x.div(2, mode), negative, positive);
        ShouldBe(x.div(tensor(2.0), mode), negative, positive);
    }

    [Fact]
    public void Remainder_has_the_sign_of_the_divisor_and_fmod_of_the_dividend()
    {
        var x = tensor(new[] { -7.0, 7.0 });
        ShouldBe(x.remainder(3), 2, 1);
        ShouldBe(x.fmod(3), -1, 1);
    }

    [Fact]
    public void In_place_operators_change_and_return_the_tensor_itself()
    {
        var x = tensor(new[] { 1.0, 4.0 });
        x.add_(1).Should().BeSameAs(x);
        x.mul_(tensor(2.0)).sub_(2).div_(2).sqrt_().Should().BeSameAs(x);
        ShouldBe(x, 1, 2);
        x.clamp_(1.5, 1.75).neg_();
        ShouldBe(x, -1.5, -1.75);
        x.zero_().fill_(3).pow_(2);
        ShouldBe(x, 9, 9);
    }

    [Fact]
    public void Clamping_takes_one_bound_or_two_numbers_or_tensors()
    {
        var x = tensor(new[] { -2.0, 0.0, 2.0 });
        ShouldBe(x.clamp(min: -1), -1, 0, 2);
        ShouldBe(x.clamp(max: 1), -2, 0, 1);
        ShouldBe(x.clamp(-1, 1), -1, 0, 1);
        ShouldBe(x.clamp(tensor(new[] { 0.0, 1.0, 2.0 }), tensor(5.0)), 0, 1, 2);
        ShouldBe(x.clamp_min(0), 0, 0, 2);
        ShouldBe(x.clamp_max(0), -2, 0, 0);
    }

    [Fact]
    public void Elementwise_functions_have_their_values()
    {
        var x = tensor(new[] { 0.25, 1.0, 2.0 });
        ShouldBe(x.exp().log(), 0.25, 1, 2);
        ShouldBe(x.log2(), -2, 0, 1);
        ShouldBe(x.sqrt(), 0.5, 1, Math.Sqrt(2));
        ShouldBe(x.rsqrt(), 2, 1, Math.Sqrt(0.5));
        ShouldBe(x.square(), 0.0625, 1, 4);
        ShouldBe(x.reciprocal(), 4, 1, 0.5);
        ShouldBe(x.tanh(), Math.Tanh(0.25), Math.Tanh(1), Math.Tanh(2));
        ShouldBe(x.sigmoid(), 1 / (1 + Math.Exp(-0.25)), 1 / (1 + Math.Exp(-1)), 1 / (1 + Math.Exp(-2)));
        ShouldBe(tensor(0.5).erfinv().erf(), 0.5);
        ShouldBe(tensor(5.0).lgamma(), Math.Log(24));
        ShouldBe(tensor(0.5).atanh().tanh(), 0.5);
        ShouldBe(tensor(0.7).logit().sigmoid(), 0.7);
        ShouldBe(tensor(new[] { -1.5, 2.5, 0.0 }).sign(), -1, 1, 0);
        ShouldBe(tensor(new[] { -1.5, 2.5 }).floor(), -2, 2);
        ShouldBe(tensor(new[] { -1.5, 2.5 }).ceil(), -1, 3);
        ShouldBe(tensor(new[] { -1.5, 2.5 }).trunc(), -1, 2);
        ShouldBe(tensor(new[] { 0.5, 1.5, 2.5 }).round(), 0, 2, 2);
        ShouldBe(tensor(new[] { 1.234 }).round(2), 1.23);
        ShouldBe(tensor(new[] { -1.0, 1.0 }).relu(), 0, 1);
    }

    [Fact]
    public void Values_that_are_not_finite_are_found_and_replaced()
    {
        var x = tensor(new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, 1 });
        ShouldBe(x.isnan(), 1, 0, 0, 0);
        ShouldBe(x.isinf(), 0, 1, 1, 0);
        ShouldBe(x.isfinite(), 0, 0, 0, 1);
        ShouldBe(x.nan_to_num(0, 9, -9), 0, 9, -9, 1);
    }

    [Fact]
    public void Comparisons_give_truth_values()
    {
        var x = tensor(new[] { 1.0, 2.0, 3.0 });
        (x > 2).dtype.Should().Be(torch.@bool);
        ShouldBe(x > 2, 0, 0, 1);
        ShouldBe(x >= 2, 0, 1, 1);
        ShouldBe(x < tensor(2.0), 1, 0, 0);
        ShouldBe(x <= 2, 1, 1, 0);
        ShouldBe(x == 2, 0, 1, 0);
        ShouldBe(x != 2, 1, 0, 1);
        ShouldBe(2 > x, 1, 0, 0);
        ShouldBe((x > 1) & (x < 3), 0, 1, 0);
        ShouldBe((x <= 1) | (x >= 3), 1, 0, 1);
        ShouldBe(~(x > 1), 1, 0, 0);
        ShouldBe((x > 1).logical_xor(x > 2), 0, 1, 0);
        ShouldBe(x.equal(tensor(2.0)), 0, 1, 0);
    }

    [Fact]
    public void Bitwise_operators_work_on_integers()
    {
        var x = tensor(new[] { 0b1100, 0b1010 });
        ShouldBe(x & tensor(0b0110), 0b0100, 0b0010);
        ShouldBe(x | tensor(0b0001), 0b1101, 0b1011);
        ShouldBe(x ^ tensor(0b1111), 0b0011, 0b0101);
        ShouldBe(x.bitwise_left_shift(tensor(1)), 0b11000, 0b10100);
    }

    [Fact]
    public void Equality_of_tensors_as_objects_is_by_value_and_the_hash_by_reference()
    {
        var x = tensor(new[] { 1.0, 2.0 });
        var same = x.clone();
        x.Equals(same).Should().BeTrue();
        x.Equals(x + 1).Should().BeFalse();
        x.Equals(tensor(new[] { 1.0 })).Should().BeFalse();
        x.GetHashCode().Should().NotBe(same.GetHashCode());
        x.GetHashCode().Should().Be(x.GetHashCode());
    }

    [Fact]
    public void Closeness_has_a_relative_and_an_absolute_tolerance()
    {
        var x = tensor(new[] { 100.0, 0.0 });
        x.allclose(tensor(new[] { 100.0005, 0.0 })).Should().BeTrue();
        x.allclose(tensor(new[] { 100.01, 0.0 })).Should().BeFalse();
        x.allclose(tensor(new[] { 100.0, 1e-3 }), atol: 1e-2).Should().BeTrue();
        ShouldBe(x.isclose(tensor(new[] { 100.01, 0.0 })), 0, 1);
    }

    [Fact]
    public void A_number_is_a_tensor_where_one_is_wanted()
    {
        Tensor x = 2.5;
        x.dtype.Should().Be(float64);
        x.dim().Should().Be(0);
        ((Tensor)3).dtype.Should().Be(int32);
        ((double)x).Should().Be(2.5);
        ((int)x).Should().Be(2);
    }
}
