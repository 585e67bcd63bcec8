using Defenses.Evaluation;

namespace Defenses.Papers;

/// <summary>What the user sees of a run while it works.</summary>
public interface IRunDisplay
{
    /// <summary>Prints a line. Square brackets in the text mark colours and links; what is put into it is printed as it is.</summary>
    void Say(FormattableString text);

    /// <summary>Does work that reports how much is done, in percent, and the time left.</summary>
    T Training<T>(string name, Func<Action<double, TimeSpan>, T> work);

    /// <summary>Does work that reports the progress of an evaluation.</summary>
    T Evaluation<T>(Func<IProgress<EvaluationProgress>, T> work);
}
