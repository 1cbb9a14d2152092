//! A segmented control: one choice out of a few, all visible.

use crate::state::appearance::choices::Choice;
use crate::state::appearance::stored_choice::Preference;
use crate::view::reactive::flag;
use leptos::prelude::*;

/// One option.
pub(crate) struct ChoiceOption {
    /// The name that it is stored under.
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// A sample before the label.
    pub(crate) sample: Option<AnyView>,
}

/// The options, the chosen one, and the handler of a choice.
pub(crate) struct Choices {
    /// The name of the radio group.
    pub(crate) group: &'static str,
    pub(crate) label: &'static str,
    pub(crate) all: Vec<ChoiceOption>,
    pub(crate) chosen: Signal<&'static str>,
    pub(crate) choose: Callback<&'static str>,
}

impl Choices {
    /// The options of a preference, with their labels in order.
    pub(crate) fn of<C: Choice>(label: &'static str, chosen: Preference<C>, labels: &[&'static str]) -> Self {
        let pick =
            |(choice, label): (&(C, &'static str), &&'static str)| ChoiceOption { name: choice.1, label, sample: None };
        Self {
            group: C::NAME,
            label,
            all: C::ALL.iter().zip(labels).map(pick).collect(),
            chosen: Signal::derive(move || chosen.name()),
            choose: Callback::new(move |name: &'static str| chosen.set_name(name)),
        }
    }

    /// Adds a sample before each label.
    pub(crate) fn showing(mut self, sample: fn(&'static str) -> AnyView) -> Self {
        for pick in &mut self.all {
            pick.sample = Some(sample(pick.name));
        }
        self
    }
}

/// Radio buttons that look like one control.
#[component]
pub(crate) fn SegmentedControl(picks: Choices) -> impl IntoView {
    let Choices { group, label, all, chosen, choose } = picks;
    let option = move |pick: ChoiceOption| {
        let ChoiceOption { name, label, sample } = pick;
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=group
                    value=name
                    prop:checked=flag(move || chosen.get() == name)
                    on:change=move |_| choose.run(name)
                />
                {sample}
                <span>{label}</span>
            </label>
        }
        .into_any()
    };
    view! {
        <fieldset class="choice-set">
            <legend>{label}</legend>
            <div class="choice-bar">{all.into_iter().map(option).collect_view()}</div>
        </fieldset>
    }
}
