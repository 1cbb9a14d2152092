//! A segmented control: one choice out of a few, all visible.

use crate::state::appearance::choices::Choice;
use crate::state::appearance::preference::Preference;
use crate::view::reactive::flag;
use leptos::prelude::*;

/// One thing to choose.
pub(crate) struct ChoiceOption {
    /// The name it is remembered by.
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    /// Stands before the label, and shows what the choice would look like.
    pub(crate) sample: Option<AnyView>,
}

/// Which there are, which is chosen, and choosing.
pub(crate) struct Choices {
    /// Names the group among those of the page.
    pub(crate) group: &'static str,
    pub(crate) label: &'static str,
    pub(crate) all: Vec<ChoiceOption>,
    pub(crate) chosen: Signal<&'static str>,
    pub(crate) choose: Callback<&'static str>,
}

impl Choices {
    /// The choices of a preference, labelled in their order.
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

    /// Shows a sample before each label.
    pub(crate) fn showing(mut self, sample: fn(&'static str) -> AnyView) -> Self {
        for pick in &mut self.all {
            pick.sample = Some(sample(pick.name));
        }
        self
    }
}

/// The choices side by side, as radio buttons that look like one control.
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
        <fieldset class="choices">
            <legend>{label}</legend>
            <div class="choice-bar">{all.into_iter().map(option).collect_view()}</div>
        </fieldset>
    }
}
