package rules

import (
	"errors"

	"govorun/crm"
)

// ReasonTaskOverdue is the text key of the reason for points that an overdue task costs.
const ReasonTaskOverdue = "rating.task_overdue"

// Task is a task whose time is over. Done tells whether somebody did it meanwhile.
type Task struct {
	Deal     crm.DealID
	Assignee crm.EmployeeID
	Title    string
	Points   int // below zero
	Done     bool
}

// Overdue does what a timer of kind task is for: the task costs its points, the head is told, and the rules about overdue tasks are
// asked. Closing a deal ends its tasks, so one that is open counts even when its deal has moved on, or was closed before.
func (c *Cascade) Overdue(task Task) ([]Done, Skip, error) {
	if task.Done {
		return nil, SkipDone, nil
	}
	r := &run{Cascade: c}
	v, err := r.deal(task.Deal)
	if errors.Is(err, crm.ErrNotFound) {
		return nil, SkipGone, nil
	}
	if err != nil {
		return nil, "", err
	}
	cause := by{}.through("timer", string(crm.TimerTask), task.Deal)
	r.emit(crm.Recorded{Kind: "task_overdue", Deal: task.Deal, Data: crm.Fields{"title": task.Title, "employee": task.Assignee}}, cause)
	if task.Points != 0 && task.Assignee != 0 {
		r.emit(crm.Rated{Employee: task.Assignee, Deal: task.Deal, Points: task.Points, Reason: ReasonTaskOverdue}, cause)
	}
	if c.Book.Head != "" {
		r.emit(crm.Notified{Deal: task.Deal, Role: c.Book.Head, To: crm.ToRole, Key: KeyTaskOverdue,
			Args: crm.Fields{"deal": task.Deal, "title": task.Title}}, cause)
	}
	r.queue = append(r.queue, event{kind: TaskOverdue, view: v, by: cause})
	done, err := r.finish()
	return done, "", err
}
