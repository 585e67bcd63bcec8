using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class FactoryTests : TensorTest
{
    [Fact]
    public void Constants_have_the_default_dtype_unless_told_otherwise()
    {
        ShouldBe(zeros(2, 2), 0, 0, 0, 0);
        ShouldBe(ones([3], dtype: int32), 1, 1, 1);
        zeros(1).dtype.Should().Be(float32);
        ones(1, dtype: torch.@bool).dtype.Should().Be(torch.@bool);
        full(2, 7).dtype.Should().Be(int64);
        full(2, 7.5).dtype.Should().Be(float32);
        ShouldBe(full(2, 2, 0.5), 0.5, 0.5, 0.5, 0.5);
        ShouldHaveShape(empty(2, 3, 4, 5), 2, 3, 4, 5);
        ShouldBe(eye(2), 1, 0, 0, 1);
        ShouldHaveShape(eye(2, 3), 2, 3);
        zeros(2, requires_grad: true).requires_grad.Should().BeTrue();
    }

    [Fact]
    public void Ranges_of_whole_numbers_are_int64_and_others_have_the_default_dtype()
    {
        ShouldBe(arange(3), 0, 1, 2);
        arange(3).dtype.Should().Be(int64);
        ShouldBe(arange(1, 2, 0.25), 1, 1.25, 1.5, 1.75);
        arange(1, 2, 0.25).dtype.Should().Be(float32);
        ShouldBe(arange(3, 0, -1), 3, 2, 1);
        ShouldBe(linspace(0, 1, 5), 0, 0.25, 0.5, 0.75, 1);
        ShouldBe(logspace(0, 2, 3), 1, 10, 100);
    }

    [Fact]
    public void A_like_tensor_takes_shape_and_dtype_and_device()
    {
        var x = ones(2, 3, dtype: float64);
        zeros_like(x).dtype.Should().Be(float64);
        x.ones_like(dtype: int64).dtype.Should().Be(int64);
        ShouldHaveShape(x.rand_like(), 2, 3);
        ShouldBe(full_like(x, 3).sum(), 18);
        x.new_zeros(4).dtype.Should().Be(float64);
        ShouldHaveShape(x.new_full([1, 2], 5), 1, 2);
    }

    [Fact]
    public void Arrays_of_any_rank_and_type_become_tensors()
    {
        tensor(new[] { 1f, 2f }).dtype.Should().Be(float32);
        tensor(new[] { 1.0, 2.0 }).dtype.Should().Be(float64);
        tensor(new[] { 1, 2 }).dtype.Should().Be(int32);
        tensor(new[] { 1L, 2L }).dtype.Should().Be(int64);
        tensor(new byte[] { 1, 2 }).dtype.Should().Be(uint8);
        tensor(new sbyte[] { -1 }).dtype.Should().Be(int8);
        tensor(new short[] { -1 }).dtype.Should().Be(int16);
        tensor(new[] { true, false }).dtype.Should().Be(torch.@bool);
        tensor(new[] { (Half)0.5 }).dtype.Should().Be(float16);
        tensor(new List<double> { 1, 2 }).dtype.Should().Be(float64);
        ShouldBe(tensor(new[,] { { 1, 2 }, { 3, 4 } })[1], 3, 4);
        ShouldHaveShape(tensor(new float[2, 3, 4]), 2, 3, 4);
        ShouldHaveShape(tensor(new[] { 1, 2, 3, 4 }, [2, 2]), 2, 2);
        ShouldHaveShape(tensor(new[] { 1f, 2f, 3f, 4f, 5f, 6f }, 3, 2), 3, 2);
        ShouldHaveShape(from_array(new double[2, 5]), 2, 5);
        ShouldHaveShape(tensor(Array.Empty<float>()), 0);
    }

    [Fact]
    public void Numbers_become_tensors_without_dimensions()
    {
        tensor(1.5f).dtype.Should().Be(float32);
        tensor(1.5).dtype.Should().Be(float64);
        tensor(1).dtype.Should().Be(int32);
        tensor(1L).dtype.Should().Be(int64);
        tensor(true).dtype.Should().Be(torch.@bool);
        tensor(1.5, dtype: float32).dtype.Should().Be(float32);
        tensor(1).dim().Should().Be(0);
    }

    [Fact]
    public void A_tensor_copies_the_array_it_is_made_of()
    {
        var array = new[] { 1f, 2f };
        var x = tensor(array);
        array[0] = 9;
        ShouldBe(x, 1, 2);
        var converted = tensor(new[] { 1, 2 }, dtype: float64, requires_grad: true);
        converted.dtype.Should().Be(float64);
        (converted.requires_grad, converted.is_leaf).Should().Be((true, true));
    }

    [Fact]
    public void A_shape_that_does_not_hold_the_elements_is_an_error() =>
        FluentActions.Invoking(() => tensor(new[] { 1f, 2f, 3f }, [2, 2])).Should().Throw<ArgumentException>();

    [Fact]
    public void Devices_are_parsed()
    {
        device("cuda:1").Should().BeEquivalentTo(new { type = DeviceType.CUDA, index = 1 });
        device("cuda").index.Should().Be(0);
        device("cpu").type.Should().Be(DeviceType.CPU);
        new Device(DeviceType.CUDA, 2).ToString().Should().Be("cuda:2");
        CPU.ToString().Should().Be("cpu");
        FluentActions.Invoking(() => device("gpu")).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void The_limits_of_dtypes_are_known()
    {
        finfo(float32).eps.Should().Be(Math.Pow(2, -23));
        finfo(float32).max.Should().Be(float.MaxValue);
        finfo(float64).eps.Should().Be(Math.Pow(2, -52));
        finfo(float16).max.Should().Be(65504);
        finfo(bfloat16).eps.Should().Be(Math.Pow(2, -7));
        promote_types(float32, int64).Should().Be(float32);
        result_type(ones(1, dtype: float64), ones(1)).Should().Be(float64);
        can_cast(float32, int32).Should().BeFalse();
    }
}
