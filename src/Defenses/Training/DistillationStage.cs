namespace Defenses.Training;

/// <summary>The trainings that make up a distillation, in their order.</summary>
public enum DistillationStage
{
    /// <summary>The weights from which teacher and student start.</summary>
    Start,

    /// <summary>The network whose softened answers are learnt.</summary>
    Teacher,

    /// <summary>The network that is deployed.</summary>
    Student,
}
