using static TorchSharp.torch;

namespace TorchSharp.Lite.Tests.Core;

public sealed class DataTests : TensorTest
{
    [Fact]
    public void Elements_are_read_in_row_major_order_whatever_the_strides()
    {
        var x = arange(6).reshape(2, 3);
        x.data<long>().ToArray().Should().Equal(0, 1, 2, 3, 4, 5);
        x.t().data<long>().ToArray().Should().Equal(0, 3, 1, 4, 2, 5);
        x.t().data<long>().Should().Equal(0, 3, 1, 4, 2, 5);
        x.t().data<long>()[1].Should().Be(3);
        x.t().data<long>()[2, 1].Should().Be(5);
        x[.., 1].data<long>().Count.Should().Be(2);
        ((long[,])x.data<long>().ToNDArray())[1, 2].Should().Be(5);
    }

    [Fact]
    public void Elements_are_written_through_the_accessor()
    {
        var x = zeros(2, 2);
        x.data<float>()[1, 0] = 5;
        x.t().data<float>().CopyFrom([1, 2], tensorIndex: 2);
        ShouldBe(x, 0, 1, 5, 2);
        var part = new float[2];
        x.data<float>().CopyTo(part, tensorIndex: 2);
        part.Should().Equal(5, 2);
    }

    [Fact]
    public void The_wrong_type_is_an_error()
    {
        var x = ones(1);
        FluentActions.Invoking(() => x.item<double>()).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => x.data<int>()).Should().Throw<ArgumentException>();
        x.item<float>().Should().Be(1);
        x.ToDouble().Should().Be(1);
        x.ToInt32().Should().Be(1);
        x.ToBoolean().Should().BeTrue();
    }

    [Fact]
    public void More_than_one_element_is_no_item()
    {
        FluentActions.Invoking(() => ones(2).item<float>()).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ones(2).ToSingle()).Should().Throw<Exception>();
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        var x = tensor(new[] { 1f, 2f });
        x.bytes.ToArray().Should().Equal([.. BitConverter.GetBytes(1f), .. BitConverter.GetBytes(2f)]);
        x.bytes = BitConverter.GetBytes(3f);
        ShouldBe(x, 3, 2);
        x.bytes[7] = 0;
        ShouldBe(x, 3, 0);
        FluentActions.Invoking(() => x.bytes = new byte[9]).Should().Throw<ArgumentException>();
        FluentActions.Invoking(() => ones(2, 2).t().bytes.Length).Should().Throw<Exception>();
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Byte)]
    public void Small_whole_numbers_survive_every_dtype(ScalarType type)
    {
        var x = arange(5).to(type);
        x.dtype.Should().Be(type);
        x.ElementSize.Should().Be(type.ElementSize());
        x[3].ToDouble().Should().Be(3);
        ShouldBe(x.to(float64), 0, 1, 2, 3, 4);
        ShouldBe(x + x, 0, 2, 4, 6, 8);
    }

    [Fact]
    public void Conversions_have_names_of_their_own()
    {
        var x = tensor(new[] { 0.0, 1.5 });
        x.@float().dtype.Should().Be(float32);
        x.half().dtype.Should().Be(float16);
        x.@long().dtype.Should().Be(int64);
        x.@byte().dtype.Should().Be(uint8);
        ShouldBe(x.@bool(), 0, 1);
        ShouldBe(x.@int(), 0, 1);
        x.type_as(ones(1)).dtype.Should().Be(float32);
    }

    [Fact]
    public void A_conversion_that_changes_nothing_gives_another_wrapper_of_the_same_memory()
    {
        var x = zeros(2);
        var same = x.to(float32);
        same.Should().NotBeSameAs(x);
        same.fill_(1);
        ShouldBe(x, 1, 1);
        x.to(float32, copy: true).fill_(2);
        ShouldBe(x, 1, 1);
        x.to(float64, disposeAfter: true).dtype.Should().Be(float64);
        x.IsInvalid.Should().BeTrue();
    }

    [Fact]
    public void Copies_convert_into_the_destination()
    {
        var x = zeros(2, 2);
        x.copy_(tensor(new[] { 1L, 2L })).Should().BeSameAs(x);
        ShouldBe(x, 1, 2, 1, 2);
        x.dtype.Should().Be(float32);
    }

    [Fact]
    public void Scalars_remember_their_type()
    {
        tensor(2.5f).ToScalar().Type.Should().Be(float32);
        Scalar number = 3;
        number.Type.Should().Be(int32);
        number.ToDouble().Should().Be(3);
        2.5.ToScalar().ToInt32().Should().Be(2);
    }
}
