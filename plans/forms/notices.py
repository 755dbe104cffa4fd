"""Forms about what a person follows, and how he hears of it."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from plans.models import FeedToken, NoticeSettings, Subscription, TopicChoice, Unit
from plans.models.events import Topic
from plans.models.notices import DEFAULT_MAIL


class FollowForm(forms.Form):
    """What a person wants of one page."""

    does = forms.ChoiceField(
        choices=[
            ("follow", _("Follow, with all pages below")),
            ("follow_alone", _("Follow this page alone")),
            ("stop_mails", _("On the site alone, no e-mail")),
            ("mute", _("Hear nothing of it")),
            ("forget", _("As it is by itself")),
        ]
    )


class FollowOtherForm(forms.Form):
    """Something to follow that is no page."""

    unit = forms.ModelChoiceField(Unit.objects.all(), required=False)
    paper_kind = forms.ChoiceField(
        choices=[("", ""), *Subscription.PaperKind.choices], required=False
    )
    search = forms.CharField(max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.errors and sum(map(bool, values.values())) != 1:
            raise forms.ValidationError(_("Say what you want to follow."))
        return values


class FeedForm(forms.Form):
    feed = forms.ChoiceField(choices=FeedToken.Feed)
    ends = forms.BooleanField(required=False)


class NoticeSettingsForm(forms.Form):
    """For each topic where and how often; the language; when there is to be no mail."""

    language = forms.ChoiceField(label=_("Language of mails"), required=False)
    quiet_from = forms.TimeField(
        label=_("No mail from"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )
    quiet_until = forms.TimeField(
        label=_("until"),
        required=False,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language: Any = self.fields["language"]
        language.choices = [("", _("as on the site")), *settings.LANGUAGES]
        own = NoticeSettings.objects.filter(user=user).first() or NoticeSettings()
        for name in ("language", "quiet_from", "quiet_until"):
            self.initial[name] = getattr(own, name)
        chosen = {row.topic: row for row in TopicChoice.objects.filter(user=user)}
        for topic in Topic:
            row = chosen.get(topic)
            self.fields[f"{topic}-on_bell"] = forms.BooleanField(
                label=_("on the site"),
                required=False,
                initial=row.on_bell if row else True,
            )
            self.fields[f"{topic}-mail"] = forms.ChoiceField(
                label=_("e-mail"),
                choices=TopicChoice.Mail,
                initial=row.mail if row else DEFAULT_MAIL[topic],
            )

    def topics(self) -> list[tuple[Any, Any, Any]]:
        """Each topic's name with its two fields, to be shown."""
        return [
            (topic.label, self[f"{topic}-on_bell"], self[f"{topic}-mail"])
            for topic in Topic
        ]

    def terms(self) -> dict[str, Any]:
        """What `set_channels` takes."""
        values = self.cleaned_data
        return {
            "topics": {
                topic: (values[f"{topic}-on_bell"], values[f"{topic}-mail"])
                for topic in Topic
            },
            **{
                name: values[name] for name in ("language", "quiet_from", "quiet_until")
            },
        }
