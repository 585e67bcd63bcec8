using Defenses.Tests.Reference;
using Defenses.Zoo;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Tests.Zoo;

public sealed class MnistTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("", "-idx")]
    [InlineData("mnist/", "-idx")]
    [InlineData("MNIST/raw/", "-idx")]
    [InlineData("", ".idx")]
    public void Files_are_found_in_the_folder_in_its_subfolders_and_under_either_spelling(string place, string spelling)
    {
        Write(place, "t10k", spelling, IdxBytes.Images(3), IdxBytes.Labels(7, 0, 9));
        using var set = Mnist.Test(_folder.Path);
        set.Pixels.shape.Should().Equal(3, 1, 28, 28);
        set.Labels.data<long>().ToArray().Should().Equal(7, 0, 9);
        set.Provenance.Should().Be(Provenance.Unknown, "the structure is right, the content is not known");
        set.Name.Should().Be("MNIST test set");
        set.ClassNames.Should().Equal("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    }

    [Fact]
    public void Pixels_keep_their_order_and_values()
    {
        Write("", "train", "-idx", IdxBytes.Images(2), IdxBytes.Labels(1, 2));
        using var set = Mnist.Train(_folder.Path);
        set.Pixels.data<byte>().ToArray().Should().Equal(IdxBytes.Images(2)[16..]);
    }

    [Fact]
    public void A_set_is_there_only_with_all_four_files()
    {
        Mnist.IsIn(_folder.Path).Should().BeFalse();
        Write("mnist/", "train", "-idx", IdxBytes.Images(1), IdxBytes.Labels(1));
        Mnist.IsIn(_folder.Path).Should().BeFalse();
        Write("mnist/", "t10k", "-idx", IdxBytes.Images(1), IdxBytes.Labels(1));
        Mnist.IsIn(_folder.Path).Should().BeTrue();
        FashionMnist.IsIn(_folder.Path).Should().BeFalse("its files have the same names, but another folder");
        Mnist.IsIn(_folder.At("nowhere")).Should().BeFalse();
    }

    [Fact]
    public void Missing_files_are_reported_with_the_places_searched_and_the_way_out()
    {
        Loading(_folder.Path).Should().Throw<FileNotFoundException>().WithMessage("*train-images-idx3-ubyte.gz*mnist*DownloadAsync*");
        Loading(_folder.At("nowhere")).Should().Throw<DirectoryNotFoundException>().WithMessage("*nowhere*");
    }

    [Fact]
    public void A_label_above_nine_is_refused_with_its_place()
    {
        Write("", "train", "-idx", IdxBytes.Images(3), IdxBytes.Labels(1, 10, 3));
        Loading(_folder.Path).Should().Throw<InvalidDataException>().WithMessage("*train-labels*0 to 9*label 1 is 10*");
    }

    [Fact]
    public void Images_and_labels_of_different_numbers_are_refused()
    {
        Write("", "train", "-idx", IdxBytes.Images(3), IdxBytes.Labels(1, 2));
        Loading(_folder.Path).Should().Throw<InvalidDataException>().WithMessage("*one label for each of the 3 images*holds 2*");
    }

    [Fact]
    public void Images_of_another_size_are_refused()
    {
        Write("", "train", "-idx", IdxBytes.Images(1, 32), IdxBytes.Labels(1));
        Loading(_folder.Path).Should().Throw<InvalidDataException>().WithMessage("*28×28*32×32*");
    }

    [SharedFact("data/mnist")]
    public void The_official_files_are_recognised_and_have_the_known_mean_and_deviation()
    {
        using var scope = NewDisposeScope();
        using var train = Mnist.Train(SharedFiles.Find("data"));
        using var test = Mnist.Test(SharedFiles.Find("data/mnist"));
        (train.Provenance, train.Count, test.Provenance, test.Count).Should().Be((Provenance.Official, 60_000, Provenance.Official, 10_000));
        var numbers = train.Images(0, 20_000);
        var all = train.Pixels.to_type(ScalarType.Float64).mean().ToDouble() / 255;
        all.Should().BeApproximately(0.1307, 5e-5);
        numbers.std().ToDouble().Should().BeApproximately(0.3081, 5e-3);
        Mnist.IsIn(SharedFiles.Find("data")).Should().BeTrue();
    }

    [SharedFact("data/fashion-mnist")]
    public void Official_Fashion_MNIST_is_recognised()
    {
        using var train = FashionMnist.Train(SharedFiles.Find("data"));
        using var test = FashionMnist.Test(SharedFiles.Find("data"));
        (train.Provenance, train.Count, test.Provenance, test.Count).Should().Be((Provenance.Official, 60_000, Provenance.Official, 10_000));
        test.ClassNames[9].Should().Be("Ankle boot");
    }

    [SharedFact("data/fashion-mnist")]
    public void Fashion_MNIST_does_not_pass_for_MNIST()
    {
        FluentActions.Invoking(() => Mnist.Test(SharedFiles.Find("data/fashion-mnist")))
            .Should().Throw<InvalidDataException>().WithMessage("*holds the test images of Fashion-MNIST*");
    }

    private Func<DataSet> Loading(string folder) => () => Mnist.Train(folder);

    private void Write(string place, string split, string spelling, byte[] images, byte[] labels)
    {
        _folder.Write($"{place}{split}-images{spelling}3-ubyte.gz", TempFolder.Zip(images));
        _folder.Write($"{place}{split}-labels{spelling}1-ubyte", labels);
    }
}
