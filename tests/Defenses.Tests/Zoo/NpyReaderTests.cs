using Defenses.Tests.Contracts;
using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class NpyReaderTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, byte[], ScalarType, double[]> Types => new()
    {
        { "|b1", [1, 0], ScalarType.Bool, [1, 0] },
        { "|u1", [1, 200], ScalarType.Byte, [1, 200] },
        { "|i1", [1, 200], ScalarType.Int8, [1, -56] },
        { "<i2", NpyBytes.Bytes<short>(1, -300), ScalarType.Int16, [1, -300] },
        { "<i4", NpyBytes.Bytes(1, -70000), ScalarType.Int32, [1, -70000] },
        { "<i8", NpyBytes.Bytes(1, -5_000_000_000L), ScalarType.Int64, [1, -5_000_000_000] },
        { "<u2", NpyBytes.Bytes<ushort>(1, 65535), ScalarType.Int32, [1, 65535] },
        { "<u4", NpyBytes.Bytes(1u, 4_000_000_000u), ScalarType.Int64, [1, 4_000_000_000] },
        { "<u8", NpyBytes.Bytes(1ul, 5_000_000_000ul), ScalarType.Int64, [1, 5_000_000_000] },
        { "<f2", NpyBytes.Bytes((Half)1, (Half)(-0.5)), ScalarType.Float16, [1, -0.5] },
        { "<f4", NpyBytes.Bytes(1f, -0.25f), ScalarType.Float32, [1, -0.25] },
        { "<f8", NpyBytes.Bytes(1d, -0.1), ScalarType.Float64, [1, -0.1] },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void Every_type_is_read_in_both_byte_orders_and_all_formats(string descr, byte[] values, ScalarType type, double[] expected)
    {
        using var scope = NewDisposeScope();
        var size = values.Length / 2;
        for (var version = 1; version <= 3; version++)
        {
            Check(NpyReader.Read(_folder.Write("a.npy", NpyBytes.Make(descr, "(2,)", values, version: version))));
            if (size == 1) continue;
            Check(NpyReader.Read(_folder.Write("b.npy", NpyBytes.Make('>' + descr[1..], "(2,)", NpyBytes.Turned(values, size), version: version))));
        }

        void Check(Tensor read)
        {
            read.dtype.Should().Be(type);
            read.to_type(ScalarType.Float64).data<double>().ToArray().Should().Equal(expected);
        }
    }

    [Fact]
    public void Fortran_order_scalars_and_empty_arrays_have_numpys_shape()
    {
        using var scope = NewDisposeScope();
        var columns = NpyReader.Read(_folder.Write("a.npy", NpyBytes.Make("|u1", "(2, 3)", [0, 3, 1, 4, 2, 5], fortran: true)));
        columns.shape.Should().Equal(2, 3);
        columns.bytes.ToArray().Should().Equal(0, 1, 2, 3, 4, 5);
        var cube = NpyReader.Read(_folder.Write("a.npy", NpyBytes.Make("|u1", "(2, 1, 2)", [0, 2, 1, 3], fortran: true)));
        cube.shape.Should().Equal(2, 1, 2);
        cube.bytes.ToArray().Should().Equal(0, 1, 2, 3);
        NpyReader.Read(_folder.Write("a.npy", NpyBytes.Make("|u1", "()", [7]))).ToByte().Should().Be(7);
        NpyReader.Read(_folder.Write("a.npy", NpyBytes.Make("<f4", "(0, 3)", []))).shape.Should().Equal(0, 3);
    }

    [Fact]
    public void Files_that_numpy_wrote_are_read_as_the_tests_own_reader_reads_them()
    {
        using var scope = NewDisposeScope();
        foreach (var name in new[] { "vendor/images_u8.npy", "vendor/labels.npy", "vendor/logits_f32.npy", "jpeg/rgb_u8.npy" })
        {
            var (ours, expected) = (NpyReader.Read(SharedFiles.Copied(name)), Npy.Read(SharedFiles.Copied(name)));
            ours.shape.Should().Equal(expected.shape);
            ours.dtype.Should().Be(expected.dtype);
            ours.eq(expected).all().ToBoolean().Should().BeTrue(name);
        }
    }

    public static TheoryData<byte[], string> BadFiles => new()
    {
        { [], "magic string" },
        { "not an array at all"u8.ToArray(), "magic string" },
        { [.. "PK\x03\x04"u8, 0, 0, 0, 0, 0, 0, 0, 0], "archive (.npz?)*numpy.save" },
        { NpyBytes.Make("|u1", "(2,)", [1, 2], version: 4), "format 1.0, 2.0 or 3.0, but is of 4.0" },
        { NpyBytes.Make("|u1", "(2,)", [1]), "truncated*announces 2 bytes*1 are there" },
        { NpyBytes.Make("|u1", "(2,)", [1, 2, 3]), "must end after the 2 bytes*1 more follow" },
        { NpyBytes.Make("|u1", "(2,)", [1, 2])[..20], "truncated or damaged*bytes of header" },
        { NpyBytes.Make("|O", "(2,)", [1, 2]), "Python objects, which are pickles" },
        { NpyBytes.Make("<c8", "(1,)", new byte[8]), "its type is '<c8'*astype" },
        { NpyBytes.Make("<f16", "(1,)", new byte[16]), "its type is '<f16'" },
        { NpyBytes.Make("<U3", "(1,)", new byte[12]), "its type is '<U3'" },
        { NpyBytes.Make("|f4", "(1,)", new byte[4]), "its type is '|f4'" },
        { NpyBytes.Make("<u8", "(1,)", NpyBytes.Bytes(ulong.MaxValue)), "below 2⁶³" },
        { NpyBytes.Make("|b1", "(2,)", [1, 2]), "0 or 1" },
        { NpyBytes.Make("|u1", "(-2,)", [1, 2]), "header with descr" },
        { NpyBytes.Make("|u1", "(2.5,)", [1, 2]), "header with descr" },
        { NpyBytes.Make("<f8", "(4294967296, 4294967296, 4294967296)", [1]), "at most 2 GiB" },
        { NpyBytes.Raw("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }", [1, 2]), "records of several fields" },
        { NpyBytes.Raw("{'descr': '|u1', 'shape': (2,), }", [1, 2]), "header with descr, fortran_order and shape" },
        { NpyBytes.Raw("{'descr': '|u1', 'descr': '|u1', 'fortran_order': False, 'shape': (2,), }", [1, 2]), "header with descr" },
        { NpyBytes.Raw("{'descr': '|u1', 'fortran_order': False, 'shape': (2,), 'more': 1, }", [1, 2]), "header with descr" },
        { NpyBytes.Raw("__import__('os')", [1, 2]), "header with descr*__import__" },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public void A_bad_file_is_named_with_the_rule(byte[] content, string message)
    {
        var path = _folder.Write("bad.npy", content);
        var before = Leaks.Live();
        FluentActions.Invoking(() => NpyReader.Read(path)).Should().Throw<InvalidDataException>().WithMessage($"*{path}*{message}*");
        Leaks.Live().Should().Be(before);
    }

    [Fact]
    public void Keys_may_stand_in_any_order_without_a_last_comma()
    {
        using var read = NpyReader.Read(_folder.Write("a.npy", NpyBytes.Raw("{'shape': (2,), 'descr': '|u1', 'fortran_order': False}", [1, 2])));
        read.bytes.ToArray().Should().Equal(1, 2);
    }
}
