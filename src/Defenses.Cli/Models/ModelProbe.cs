using Defenses.Models;
using Defenses.Papers;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Cli;

/// <summary>Asks a model about two images before any work is done: whether it takes them, and what it answers with.</summary>
internal static class ModelProbe
{
    /// <summary>What a network's output means: one number for each image is one logit.</summary>
    /// <exception cref="UserError">It does not take the images, or answers with numbers that are none.</exception>
    internal static OutputHead Head(ModelSettings settings, OpenedModel opened, TestData data, Func<Tensor, Tensor>? preprocessing)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var (one, _) = data.Read(0, 1);
        var images = cat([one, one]);
        var output = Ask(settings, data, () => opened.Network is { } network ? network.call(preprocessing?.Invoke(images) ?? images)
            : opened.Oracle!.Logits(images));
        if (output.isnan().any().ToBoolean())
            throw new UserError($"{settings.Option} {settings.File} answers the first image with NaN. Check its weights, and --mean and "
                + "--std, in units of 0 to 1.");
        return output.shape is [2] or [2, 1] ? OutputHead.OneLogit : OutputHead.Logits;
    }

    /// <summary>Whether classes of the data and outputs of the model are the same.</summary>
    /// <exception cref="UserError">There are more of the one than of the other, so that a label may mean another class.</exception>
    internal static void RequireClasses(ModelSettings settings, ModelView view, TestData data)
    {
        try
        {
            using var first = data.Read(0, 1).Images;
            using var answer = view.Logits(first);   // from now on the number is known
        }
        catch (InvalidOperationException error) when (error is not ObjectDisposedException)
        {
            throw PathOption.Bad(settings.Option, settings.File, error.Message);   // probabilities, or no answer for each class
        }
        var (outputs, classes) = (view.Classes, settings.Data.Classes?.Count ?? data.ClassNames.Count);
        var isKnown = settings.Data.Classes is not null || data.IsFolder || !data.IsOwn;
        if (outputs == classes || (!isKnown && outputs > classes)) return;
        var other = settings.Data.Classes is null ? data.Key : ClassList.Option;
        throw new UserError($"{settings.Option} {settings.File} tells {outputs} classes apart; {other} has {classes}. "
            + (data.IsFolder ? "Give the names of all classes in the network's order by --classes." : "Give the data of this model."));
    }

    private static Tensor Ask(ModelSettings settings, TestData data, Func<Tensor> answer)
    {
        try
        {
            return answer();
        }
        catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or ArgumentException or InvalidOperationException
            or NotSupportedException or InvalidCastException)
        {
            throw new UserError($"{settings.Option} {settings.File} does not take images of shape ({string.Join(", ", data.ImageShape)}) of {data.Key}: "
                + $"{TorchMessage.Of(error).TrimEnd('.')}.{(data.IsFolder ? " Pictures become another shape by --grey, --size and --crop." : "")}");
        }
    }
}
